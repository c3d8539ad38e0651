"""Pairing two series in order: as heavy as the heaviest by trial, and a margin that says what each pair is worth."""

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from dayspool.intake.chain import Edge, best_chain

places = st.integers(0, 5)
edges = st.lists(st.builds(Edge, first=places, second=places, weight=st.integers(1, 9).map(float)), max_size=9)


def unique(many):
    return list({(edge.first, edge.second): edge for edge in many}.values())


def rising(chain):
    ordered = sorted(chain, key=lambda edge: edge.first)
    return all(a.first < b.first and a.second < b.second for a, b in pairwise(ordered))


@given(edges)
def test_the_chain_is_the_heaviest(many):
    many = unique(many)
    best = max(
        (
            sum(edge.weight for edge in some)
            for n in range(len(many) + 1)
            for some in combinations(many, n)
            if rising(some)
        ),
        default=0.0,
    )
    chain = [link.edge for link in best_chain(many)]
    assert rising(chain)
    assert sum(edge.weight for edge in chain) == best


@given(edges)
def test_a_margin_is_what_every_rival_lacks(many):
    many = unique(many)
    links = best_chain(many)
    total = sum(link.edge.weight for link in links)
    for link in links:
        rivals = [e for e in many if e != link.edge and not rising([e, link.edge])]
        for rival in rivals:
            others = [e for e in many if e != rival and rising([e, rival])]
            through = max(
                sum(e.weight for e in some) + rival.weight
                for n in range(len(others) + 1)
                for some in combinations(others, n)
                if rising([*some, rival])
            )
            assert link.margin <= total - through + 1e-9
        assert 0 <= link.margin <= link.edge.weight


def test_one_that_crosses_many_is_left_out():
    many = [Edge(first=n, second=n, weight=5.0) for n in range(6)]
    links = best_chain([*many, Edge(first=1, second=9, weight=6.0)])
    assert [link.edge for link in links] == many
    assert [link.margin for link in links] == [5.0] * 6


def test_equal_claims_have_no_margin():
    claims = [Edge(first=0, second=0, weight=5.0), Edge(first=1, second=0, weight=5.0)]
    assert [link.margin for link in best_chain(claims)] == [0.0]


def test_two_of_one_second_keep_their_order():
    every = [Edge(first=a, second=b, weight=50.0) for a in (0, 1) for b in (0, 1)]
    assert [(link.edge.first, link.edge.second, link.margin) for link in best_chain(every)] == [
        (0, 0, 50.0),
        (1, 1, 50.0),
    ]
