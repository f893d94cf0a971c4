import torch

from sim_study.model.posterior import reparameterise, standard_normal


def leaves():
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(3, 4, generator=generator, dtype=torch.float64) for _ in range(3)]


def test_a_draw_is_the_mean_plus_the_deviation_times_the_noise():
    mu, log_var, noise = leaves()
    expected = mu + torch.exp(log_var / 2) * noise
    torch.testing.assert_close(reparameterise(mu, log_var, noise), expected, rtol=1e-14, atol=0)


def test_gradients_are_those_of_the_formula():
    mu, log_var, noise = leaves()
    gradients = []
    for draw in (
        lambda m, v: reparameterise(m, v, noise.clone()),
        lambda m, v: m + torch.exp(v / 2) * noise,
    ):
        m, v = mu.clone().requires_grad_(), log_var.clone().requires_grad_()
        gradients.append(torch.autograd.grad(draw(m, v).square().sum(), (m, v)))
    for ours, plain in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-13, atol=0)


def test_only_the_distance_is_kept_for_backward():
    mu, log_var, noise = leaves()
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        reparameterise(mu.requires_grad_(), log_var.requires_grad_(), noise)
    assert len(kept) == 1


def test_a_row_with_a_stream_of_its_own_is_drawn_alike_in_every_batch():
    def drawn(rows):
        streams = [torch.Generator().manual_seed(row) for row in rows]
        return standard_normal(torch.empty(len(rows), 40, 5), streams)

    values = drawn([3, 1, 2])
    assert torch.equal(drawn([2, 3]), values[[2, 0]])
    assert not torch.equal(values[0], values[1])
    whole = standard_normal(torch.empty(1, 40, 5), torch.Generator().manual_seed(3))
    assert torch.equal(values[:1], whole)
