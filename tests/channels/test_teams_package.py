"""The Teams app package: Microsoft's schema, what may differ, wrong settings, icons, and words that the bot knows."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any, Dict, Iterator, Set, Tuple

import jsonschema
import pytest
import tomli
from PIL import Image

from lotsen.channels.teams import package
from lotsen.channels.teams.config import APP_ID
from lotsen.channels.teams.package import Fields, build, read_fields, read_parts, read_version
from lotsen.commands import teams
from lotsen.content.catalogue import load_content
from lotsen.content.check import examples_in
from lotsen.settings import CONTENT, ROOT, SettingError, Settings
from tests.support.npm import npm_package

FOLDER = ROOT / "deploy" / "teams"
SCHEMAS = "build/json-schemas/teams/v1.19"
BOT = "7f1c0f4e-2a3b-4c5d-8e6f-0a1b2c3d4e5f"
SET = {
    APP_ID: BOT,
    package.DEVELOPER: "Region Exempel",
    package.WEBSITE: "https://www.example.se/lotsen",
    package.PRIVACY: "https://www.example.se/personuppgifter",
    package.TERMS: "https://www.example.se/villkor?sida=1",
}
FIELDS = Fields(BOT, "1.2.3", *list(SET.values())[1:])
COMMANDS = {
    "Jag kan inte logga in": "login_problem",
    "Hur rensar man cacheminnet?": "clear_cache",
    "Hur går gallring till?": "how_to_purge",
    "Visa alla ämnen": "show_menu",
    "Hur går det med mitt ärende?": "case_status",
    "Jag vill prata med en person": "talk_to_human",
}
"""What Teams offers to write, and what the bot is to take it for."""


def unpacked(package: bytes) -> Dict[str, bytes]:
    """Return the files of a package by name, in their order."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def made(**changes: str) -> Dict[str, Any]:
    """Return the manifest of a package."""
    fields = dataclasses.replace(FIELDS, **changes)
    return json.loads(unpacked(build(fields, read_parts(FOLDER)))["manifest.json"])


def english() -> Dict[str, str]:
    """Return the texts for who has Teams in English, by their place in the manifest."""
    texts = json.loads((FOLDER / "en.json").read_text(encoding="utf-8"))
    return {place: text for place, text in texts.items() if place != "$schema"}


def at(manifest: Any, place: str) -> Tuple[Any, Any]:
    """Return what a place such as ``bots[0].commandLists[0]`` is in, and its key or index there."""
    *above, last = [int(part) if part.isdigit() else part for part in re.findall(r"\w+", place)]
    for part in above:
        manifest = manifest[part]
    return manifest, last


def texts_of(manifest: Dict[str, Any]) -> Set[str]:
    """Return the place of every text of a manifest that users read and that can be translated."""
    places = {f"{part}.{length}" for part in ("name", "description") for length in ("short", "full")}
    for number, commands in enumerate(manifest["bots"][0]["commandLists"]):
        for index, command in enumerate(commands["commands"]):
            places |= {f"bots[0].commandLists[{number}].commands[{index}].{key}" for key in command}
    return places


def schema(name: str) -> Dict[str, Any]:
    """Return a schema of Microsoft's."""
    path = npm_package("app-manifest") / SCHEMAS / name
    return json.loads(path.read_text(encoding="utf-8-sig"))


def faults(document: Any, name: str = "MicrosoftTeams.schema.json") -> Iterator[str]:
    """Yield what a schema of Microsoft's finds wrong."""
    rules = schema(name)
    jsonschema.Draft4Validator.check_schema(rules)
    for error in jsonschema.Draft4Validator(rules, format_checker=jsonschema.FormatChecker()).iter_errors(document):
        yield f"{'.'.join(map(str, error.absolute_path))}: {error.message}"


def in_english() -> Dict[str, Any]:
    """Return the manifest as Teams shows it in English."""
    manifest = made()
    for place, text in english().items():
        holder, key = at(manifest, place)
        holder[key] = text
    return manifest


def test_microsoft_s_schema_takes_the_manifest() -> None:
    """In both languages, and the file of texts by its own schema."""
    assert list(faults(made())) == []
    assert list(faults(in_english())) == []
    assert (
        list(
            faults(
                json.loads((FOLDER / "en.json").read_text(encoding="utf-8")), "MicrosoftTeams.Localization.schema.json"
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("field", "value", "place"),
    [
        ("app_id", "lotsen", "bots.0.botId"),
        ("developer", "x" * 33, "developer.name"),
        ("website", "www.example.se", "developer.websiteUrl"),
    ],
)
def test_the_schema_is_looked_at(field: str, value: str, place: str) -> None:
    """What we refuse beforehand would not have passed there."""
    assert [fault for fault in faults(made(**{field: value})) if fault.startswith(place)] != []


def test_limits_are_the_schema_s() -> None:
    """Of names and addresses."""
    rules = schema("MicrosoftTeams.schema.json")
    assert rules["properties"]["developer"]["properties"]["name"]["maxLength"] == package.MAX_DEVELOPER
    assert rules["definitions"]["httpsUrl"]["maxLength"] == package.MAX_ADDRESS


def test_versions_belong_together() -> None:
    """Manifest, its schema, the schema of the texts, and the one that we look at are of one version."""
    version = made()["manifestVersion"]
    assert SCHEMAS.endswith(f"/v{version}")
    for name, kind in (("manifest.json", ""), ("en.json", "Localization.")):
        address = json.loads((FOLDER / name).read_text(encoding="utf-8"))["$schema"]
        assert address.endswith(f"/json-schemas/teams/v{version}/MicrosoftTeams.{kind}schema.json")


def test_what_the_zip_has() -> None:
    """The manifest, what it names, and nothing else; no folder."""
    manifest = made()
    named = {*manifest["icons"].values(), *(one["file"] for one in manifest["localizationInfo"]["additionalLanguages"])}
    assert list(unpacked(build(FIELDS, read_parts(FOLDER)))) == list(package.FILES)
    assert {"manifest.json", *named} == set(package.FILES)


def test_settings_come_where_they_belong() -> None:
    """The bot is the app, and no place is left open."""
    manifest = made()
    assert manifest["id"] == manifest["bots"][0]["botId"] == BOT
    assert manifest["version"] == "1.2.3"
    assert manifest["developer"] == {
        "name": "Region Exempel",
        "websiteUrl": "https://www.example.se/lotsen",
        "privacyUrl": "https://www.example.se/personuppgifter",
        "termsOfUseUrl": "https://www.example.se/villkor?sida=1",
    }
    assert "{" not in json.dumps(list(_texts(manifest)))


def _texts(written: Any) -> Iterator[str]:
    """Yield every text in a document."""
    if isinstance(written, (dict, list)):
        for one in written.values() if isinstance(written, dict) else written:
            yield from _texts(one)
    elif isinstance(written, str):
        yield written


def test_a_name_cannot_break_the_manifest() -> None:
    """Quotes, and what looks like one of our places."""
    assert made(developer='"}, {app_id}')["developer"]["name"] == '"}, {app_id}'
    assert made(developer="{app_id}")["developer"]["name"] == "{app_id}"


def test_users_meet_the_bot_alone() -> None:
    """No group, no channel, no files, no calls: in those others would read along."""
    manifest = made()
    (bot,) = manifest["bots"]
    assert bot["scopes"] == ["personal"]
    assert [commands["scopes"] for commands in bot["commandLists"]] == [["personal"]]
    assert (bot["supportsFiles"], bot["isNotificationOnly"]) == (False, False)
    assert not {"supportsCalling", "supportsVideo"} & set(bot)
    assert not {"staticTabs", "configurableTabs", "composeExtensions", "authorization", "webApplicationInfo"} & {
        *manifest
    }


def test_same_settings_same_bytes() -> None:
    """So that it can be told whether a package is ours; another setting makes another package."""
    parts = read_parts(FOLDER)
    first = build(FIELDS, parts)
    assert first == build(FIELDS, dict(reversed(parts.items())))
    assert first != build(dataclasses.replace(FIELDS, developer="Region Annan"), parts)
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {(one.date_time, one.compress_type, one.create_system) for one in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED, 3)
        }


def test_english_has_every_text_and_no_other() -> None:
    """Each key is a text of the manifest; titles of commands stay as they are, as they are what the bot reads."""
    manifest = made()
    assert set(english()) == texts_of(manifest)
    for place, text in english().items():
        holder, key = at(manifest, place)
        assert (holder[key] == text) is place.endswith((".title", "name.short")), place


def test_commands_are_words_that_the_bot_knows() -> None:
    """Each is among the examples of its intent, with or without "jag", a question's title, or quoted by the bot."""
    commands = [command["title"] for command in made()["bots"][0]["commandLists"][0]["commands"]]
    assert commands == list(COMMANDS)
    known = {(example.intent, _bare(example.text)) for example in examples_in(CONTENT)}
    content = load_content(CONTENT)
    known |= {(question.id, _bare(question.title)) for question in content.questions.values()}
    known |= {
        ("case_status", _bare(quoted)) for quoted in re.findall("”([^”]+)”", content.texts["handoff_sent_chat"].text)
    }
    for title, intent in COMMANDS.items():
        assert {(intent, _bare(title)), (intent, _bare(title).removeprefix("jag "))} & known, title


def _bare(text: str) -> str:
    return text.strip(" ?!.").casefold()


def test_color_icon() -> None:
    """192 pixels, no transparency, the colour that the manifest names around it."""
    with Image.open(FOLDER / "color.png") as icon:
        assert (icon.format, icon.size, icon.mode) == ("PNG", (192, 192), "RGB")
        assert "#{:02x}{:02x}{:02x}".format(*icon.getpixel((0, 0))) == made()["accentColor"]


def test_outline_icon() -> None:
    """32 pixels, white and nothing but more or less of it."""
    with Image.open(FOLDER / "outline.png") as icon:
        assert (icon.format, icon.size, icon.mode) == ("PNG", (32, 32), "RGBA")
        pixels = list(icon.getdata())
    assert {pixel[:3] for pixel in pixels} == {(255, 255, 255)}
    assert {0, 255} <= {pixel[3] for pixel in pixels}


@pytest.mark.browser
@pytest.mark.parametrize("name", ["color", "outline"])
def test_icons_are_drawn_from_their_svg(name: str) -> None:
    """Whoever changes an SVG must draw anew; another browser's edges may differ a little."""
    from deploy.teams.draw_icons import draw
    from tests.support.browser import chromium

    with chromium() as browser, Image.open(FOLDER / f"{name}.png") as kept:
        drawn = draw(browser, name)
        assert (drawn.size, drawn.mode) == (kept.size, kept.mode)
        far = [max(abs(a - b) for a, b in zip(*pair, strict=True)) > 48 for pair in _pixels(drawn, kept)]
    assert sum(far) <= len(far) // 100


def _pixels(*icons: Image.Image) -> Iterator[Tuple[Tuple[int, ...], ...]]:
    return zip(*(icon.getdata() for icon in icons), strict=True)


def test_fields_are_read() -> None:
    """With blanks around them; the id as Microsoft writes it."""
    assert read_fields({**SET, APP_ID: f" {BOT.upper()} "}, "1.2.3") == FIELDS


ADDRESSES = [package.WEBSITE, package.PRIVACY, package.TERMS]
BAD_ADDRESSES = [
    "",
    "http://www.example.se",
    "www.example.se",
    "https://",
    "https://user:secret@www.example.se",
    "https://www.example.se/a b",
    "https://[www.example.se",
    "https://www.example.se:port/",
    "https://www.example.se/\x07",
    "https://www.example.se/" + "x" * 2048,
]
BROKEN = [
    *[(APP_ID, value) for value in ("", "lotsen", BOT[:-1], "00000000-0000-0000-0000-000000000000")],
    *[(package.DEVELOPER, value) for value in ("", "x" * 33, "Region\nExempel")],
    *[(name, value) for name in ADDRESSES for value in BAD_ADDRESSES],
]


@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    """The variable, what it is, and what to write; what is right is not said."""
    with pytest.raises(SettingError) as caught:
        read_fields({**SET, name: value}, "1.2.3")
    assert str(caught.value).startswith(f"{name} is '{value}'; write " if value else f"{name} is not set; write ")
    assert str(caught.value).count("LOTSEN_") == 1


def test_all_that_is_wrong_is_said_at_once() -> None:
    """A line each."""
    with pytest.raises(SettingError) as caught:
        read_fields({package.DEVELOPER: "x" * 33, package.TERMS: "http://www.example.se"}, "1.2.3")
    lines = str(caught.value).splitlines()
    assert [line.split()[0] for line in lines] == list(SET)


def test_the_longest_name_is_taken() -> None:
    """32 characters."""
    assert read_fields({**SET, package.DEVELOPER: "å" * 32}, "1.2.3").developer == "å" * 32


def test_version_is_lotsen_s() -> None:
    """Three numbers, whatever stands after them in a pre-release."""
    written = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert tomli.loads(written)["project"]["version"].startswith(read_version(written))
    assert read_version('[project]\nversion = "10.2.0rc1"\n') == "10.2.0"
    with pytest.raises(ValueError, match="pyproject"):
        read_version('[tool.x]\ntarget-version = "1.2.3"\n')


def test_command_writes_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Into the data folder, or where it is told to."""
    for name, value in SET.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOTSEN_DATA_DIR", str(tmp_path / "data"))
    assert _run() == 0
    assert _run("--out", str(tmp_path / "other.zip")) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{tmp_path / 'data' / 'lotsen-teams.zip'}: Lotsen ") and BOT in first
    assert second.startswith(f"{tmp_path / 'other.zip'}: ")
    written = (tmp_path / "other.zip").read_bytes()
    assert (tmp_path / "data" / "lotsen-teams.zip").read_bytes() == written
    version = read_version((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert written == build(dataclasses.replace(FIELDS, version=version), read_parts(FOLDER))


def test_command_says_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is not there; settings that are missing. Nothing is written."""
    for name, value in SET.items():
        monkeypatch.setenv(name, value)
    assert _run("--out", str(tmp_path / "none" / "other.zip")) == 1
    assert capsys.readouterr().err.startswith("lotsen: ")
    monkeypatch.delenv(package.PRIVACY)
    with pytest.raises(SettingError, match=package.PRIVACY):
        _run("--out", str(tmp_path / "other.zip"))
    assert list(tmp_path.iterdir()) == []


def _run(*words: str) -> int:
    """Run ``lotsen teams package`` as the command line does."""
    import argparse

    parser = argparse.ArgumentParser()
    teams.add(parser.add_subparsers())
    arguments = parser.parse_args(["teams", "package", *words])
    return int(arguments.run(arguments, Settings.read()))


@pytest.mark.parametrize("option", package.SETTINGS, ids=lambda option: option.name)
def test_setting_is_on_the_administrator_s_page(option: Any) -> None:
    """In the table of what the operator is given."""
    page = (ROOT / "docs" / "teams-administrator.md").read_text(encoding="utf-8")
    assert f"| `{option.name}` |" in page
