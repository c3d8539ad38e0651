"""Pair two ordered series so that the order is kept and the evidence is greatest, and say how sure each pair is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Edge", "Link", "best_chain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A possible pair: places in the first and the second series, and the evidence for it above none (positive)."""

    first: int
    second: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A pair of the best chain; `margin` is how much evidence every chain with something else in its place lacks."""

    edge: Edge
    margin: float


def best_chain(edges: Iterable[Edge]) -> list[Link]:
    """Return the pairs of the heaviest chain in which both places rise from pair to pair.

    Pairs that share no place with others decide nothing about each other, so each group of connected ones is a chain
    of its own. A chain is found by weighted longest increasing subsequence (Fenwick tree of maxima), once forwards and
    once backwards; the sum of both through a pair is the best chain that contains it. O(n log n) for n edges.
    """
    return [link for group in _groups(list(edges)) for link in _chain(group)]


def _groups(edges: Sequence[Edge]) -> list[list[Edge]]:
    """Part the edges into those connected by shared places."""
    parent = list(range(len(edges)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    owners: dict[tuple[bool, int], int] = {}
    for place, edge in enumerate(edges):
        for side in ((False, edge.first), (True, edge.second)):
            parent[root(place)] = root(owners.setdefault(side, place))
    groups: dict[int, list[Edge]] = defaultdict(list)
    for place, edge in enumerate(edges):
        groups[root(place)].append(edge)
    return list(groups.values())


def _chain(edges: list[Edge]) -> list[Link]:
    if len(edges) == 1:
        return [Link(edge=edges[0], margin=edges[0].weight)]
    edges.sort(key=lambda edge: (edge.first, edge.second))
    before = _heaviest_before(edges)
    turned = [Edge(first=-edge.first, second=-edge.second, weight=edge.weight) for edge in reversed(edges)]
    behind = _heaviest_before(turned)[::-1]
    through = [early + late + edge.weight for edge, early, late in zip(edges, before, behind, strict=True)]
    rivals = _rivals(edges, through)
    best = max(through)
    chain: list[Link] = []
    weight = 0.0
    for edge, total, early, rival in zip(edges, through, before, rivals, strict=True):
        on_it = abs(total - best) < 1e-9 and abs(early - weight) < 1e-9
        if on_it and (not chain or (edge.first > chain[-1].edge.first and edge.second > chain[-1].edge.second)):
            chain.append(Link(edge=edge, margin=min(edge.weight, total - rival)))
            weight += edge.weight
    return chain


def _heaviest_before(edges: Sequence[Edge]) -> list[float]:
    """Return for each edge, in rising order, the weight of the heaviest chain that ends below it on both sides."""
    ranks = {second: rank for rank, second in enumerate(sorted({edge.second for edge in edges}), 1)}
    tree = [0.0] * (len(ranks) + 1)
    found: list[float] = []
    begin = 0
    while begin < len(edges):
        end = begin
        while end < len(edges) and edges[end].first == edges[begin].first:
            found.append(_most_below(tree, ranks[edges[end].second] - 1))
            end += 1
        for place in range(begin, end):  # only now, for one place takes one pair
            _raise(tree, ranks[edges[place].second], found[place] + edges[place].weight)
        begin = end
    return found


def _most_below(tree: Sequence[float], rank: int) -> float:
    most = 0.0
    while rank:
        most = max(most, tree[rank])
        rank &= rank - 1
    return most


def _raise(tree: list[float], rank: int, weight: float) -> None:
    while rank < len(tree):
        tree[rank] = max(tree[rank], weight)
        rank += rank & -rank


def _rivals(edges: Sequence[Edge], through: Sequence[float]) -> list[float]:
    """Return for each edge the weight of the best chain through another edge at one of its places."""
    top: dict[tuple[bool, int], list[tuple[float, int]]] = defaultdict(list)
    for place, (edge, total) in enumerate(zip(edges, through, strict=True)):
        for side in ((False, edge.first), (True, edge.second)):
            top[side] = sorted([*top[side], (total, place)], reverse=True)[:2]
    return [
        max(
            (
                total
                for side in ((False, edge.first), (True, edge.second))
                for total, other in top[side]
                if other != place
            ),
            default=0.0,
        )
        for place, edge in enumerate(edges)
    ]
