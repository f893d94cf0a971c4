"""The one source of truth for what has been asked, run and finished: plain files, one folder a trial.

    <output>/trials/<trial_id>/trial.json       what the trial is (a config.trial.Trial)
                               curve.jsonl      one line a report, while it runs
                               result.json      how it ended; its presence means "ended"
                               checkpoint/      last/ and best/ (encoder trials)
                               artifacts/       figures, sounds, arrays
    <output>/studies/<study>/members.jsonl      which trials belong to the study, in which role
"""
