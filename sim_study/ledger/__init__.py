"""The one source of truth for what has been asked, run and finished: plain files.

| path under the output folder | what it holds |
|---|---|
| `trials/<trial_id>/trial.json` | what the trial is (a `config.trial.Trial`) |
| `trials/<trial_id>/curve.jsonl` | one line a report, while it runs |
| `trials/<trial_id>/result.json` | how it ended; its presence means "ended" |
| `trials/<trial_id>/checkpoint/` | `last/` and `best/` (encoder trials) |
| `trials/<trial_id>/features.npz` | codes and labels that a probe trial keeps (`feature_file`) |
| `trials/<trial_id>/artifacts/` | figures, sounds, arrays |
| `trials/<trial_id>/artifacts/probe_weights.npz` | weights of its probes (`probe_weight_file`) |
| `trials/<trial_id>/artifacts/*/sounds.csv` | what a decoder's sounds are (`sound_list`) |
| `studies/<study>/members.jsonl` | which trials belong to the study, in which role |
| `studies/<study>/proposals.jsonl` | which configurations the search has proposed |
| `studies/<study>/study.json` | the question, the objective, the best of each arm |
"""
