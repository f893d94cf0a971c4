import subprocess
import sys


def test_a_worker_does_not_wait_for_libraries_that_only_some_stages_need():
    """An encoder's worker imports this before its first step; drawing is the decoder's alone."""
    script = (
        "import sys, sim_study.downstream.probes.online_probe; "
        "import sim_study.downstream.decoders.decoded_sounds, "
        "sim_study.metrics.evaluate; "
        "print([m for m in ('sklearn', 'matplotlib', 'pandas', 'scipy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (found.stdout.strip(), found.stderr) == ("[]", "")
