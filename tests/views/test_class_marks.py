import numpy as np

from sim_study.views.class_marks import class_marks, rest_note


def test_every_class_of_few_has_its_own_colour_and_marker():
    marks = class_marks(("a", "i", "u"), np.array([0, 1, 2, 2]))
    assert [mark.name for mark in marks.values()] == ["a", "i", "u"]
    assert len({mark.colour for mark in marks.values()}) == 3
    assert len({mark.marker for mark in marks.values()}) == 3
    assert rest_note(("a", "i", "u"), marks) == ""


def test_of_many_classes_the_most_frequent_are_told_apart():
    names = tuple(f"p{number}" for number in range(41))
    labels = np.repeat(np.arange(41), np.arange(41))  # class k occurs k times
    marks = class_marks(names, labels)
    assert list(marks) == list(range(31, 41))
    assert len({mark.colour for mark in marks.values()}) == 10
    assert rest_note(names, marks) == " Only the 10 most frequent of 41 classes are in colour."
