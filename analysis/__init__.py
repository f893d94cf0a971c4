"""From a study's ledger to tables, intervals, figures and a report; never opens a model.

read -> statistics -> words -> figures -> report: the rooms, each of which uses earlier ones only.
A command reads a study once, as a `StudyRecord`, and hands it to all of them.
"""
