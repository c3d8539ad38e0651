"""Pair two ordered series so that the order is kept and the evidence is greatest, and say how sure each pair is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Edge", "Link", "best_chain"]

_SAME = 1e-6  # weights added up in another order


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

    Two pairs are rivals when no chain can hold both: they share a place, or cross. Pairs without rivals among others
    decide nothing about them, so each group of rivals is a chain of its own. A chain is found by weighted longest
    increasing subsequence (Fenwick tree of maxima), once forwards and once backwards; the sum of both through a pair is
    the best chain that contains it. O(n log n) for n edges.
    """
    ordered = sorted(edges, key=lambda edge: (edge.first, edge.second))
    return [link for group in _groups(ordered) for link in _chain(group)]


def _groups(edges: Sequence[Edge]) -> list[list[Edge]]:
    """Part sorted edges wherever all behind are above all before, on both sides."""
    behind = list(accumulate((edge.second for edge in reversed(edges)), min))[::-1]
    groups: list[list[Edge]] = []
    highest = -1
    for place, edge in enumerate(edges):
        if place and edges[place - 1].first < edge.first and highest < behind[place]:
            groups.append([edge])
        elif place:
            groups[-1].append(edge)
        else:
            groups.append([edge])
        highest = max(highest, edge.second)
    return groups


def _chain(edges: list[Edge]) -> list[Link]:
    if len(edges) == 1:
        return [Link(edge=edges[0], margin=edges[0].weight)]
    before = _heaviest_before(edges)
    turned = [Edge(first=-edge.first, second=-edge.second, weight=edge.weight) for edge in reversed(edges)]
    behind = _heaviest_before(turned)[::-1]
    through = [early + late + edge.weight for edge, early, late in zip(edges, before, behind, strict=True)]
    rivals = _rivals(edges, through)
    best = max(through)
    chain: list[Link] = []
    weight = 0.0
    for edge, total, early, rival in zip(edges, through, before, rivals, strict=True):
        on_it = abs(total - best) < _SAME and abs(early - weight) < _SAME
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
            found.append(_most_up_to(tree, ranks[edges[end].second] - 1))
            end += 1
        for place in range(begin, end):  # only now, for one place takes one pair
            _raise(tree, ranks[edges[place].second], found[place] + edges[place].weight)
        begin = end
    return found


def _most_up_to(tree: Sequence[float], rank: int) -> float:
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
    """Return for each edge the weight of the best chain through any edge that no chain holds together with it."""
    order = sorted(range(len(edges)), key=lambda place: (edges[place].first, -edges[place].second))
    best = [0.0] * len(edges)
    for sign, places in ((1, order), (-1, order[::-1])):
        heights = sorted({sign * edge.second for edge in edges}, reverse=True)
        ranks = {height: rank for rank, height in enumerate(heights, 1)}
        tree = [0.0] * (len(ranks) + 1)
        for place in places:  # rivals that come before it lie as high or higher
            rank = ranks[sign * edges[place].second]
            best[place] = max(best[place], _most_up_to(tree, rank))
            _raise(tree, rank, through[place])
    return best
