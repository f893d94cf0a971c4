import weakref

import torch

from sim_study.model.remake import remade_in_backward


def test_value_and_gradients_are_those_of_the_plain_chain():
    x = torch.randn(3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    weights = torch.randn(2, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    gradients = []
    for chain in (remade_in_backward, lambda first, rest, x: rest(first(x))):
        first, rest = (weight.clone().requires_grad_() for weight in weights)
        y = chain(lambda x, w=first: (x @ w).relu(), lambda x, w=rest: (x @ w).tanh(), x)
        gradients.append(torch.autograd.grad(y.sum(), (first, rest)))
    for ours, plain in zip(*gradients, strict=True):
        assert torch.equal(ours, plain)


def test_what_comes_out_first_is_not_kept_until_backward():
    calls, seen = [], []
    weight = torch.ones(4, 4, requires_grad=True)

    def first(x):
        calls.append(None)
        y = (x @ weight).relu()
        seen.append(weakref.ref(y.untyped_storage()))
        return y

    y = remade_in_backward(first, lambda x: (x.view(2, 2, 4) @ weight).sum(), torch.ones(4, 4))
    assert len(calls) == 1
    assert seen[0]() is None
    y.backward()
    assert len(calls) == 2
    assert torch.equal(weight.grad, torch.full((4, 4), 32.0))


def test_it_is_made_again_in_the_data_type_of_the_forward_pass():
    weight = torch.ones(4, 4, requires_grad=True)
    made = []

    def first(x):
        y = x @ weight
        made.append(y.dtype)
        return y

    with torch.autocast("cpu", torch.bfloat16):
        y = remade_in_backward(first, lambda x: (x @ weight).float().sum(), torch.ones(2, 4))
    y.backward()
    assert made == [torch.bfloat16, torch.bfloat16]
