"""From a study's ledger to tables, intervals, figures and a report; never opens a model.

runs -> table, configurations -> intervals -> summary, comparison -> figures -> report
"""
