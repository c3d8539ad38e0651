"""`dayspool find`: the router's word comes unseen."""

from click.testing import CliRunner

from dayspool.cli import root
from dayspool.shoot import finding


def test_the_community_is_read_from_standard_input(monkeypatch):
    asked = []

    async def find_cameras(**options):
        asked.append(options["community"])
        return finding.Findings(cameras=(), others=(), reasons=())

    monkeypatch.setattr(finding, "find_cameras", find_cameras)
    for words in (["--community", "-"], ["--community", "word"], []):
        done = CliRunner().invoke(root, ["find", "--snmp", "127.0.0.1", *words, "--json"], input="opensesame\n")
        assert done.output == '{"cameras": [], "others": []}\n'
    assert asked == ["opensesame", "word", "public"]
