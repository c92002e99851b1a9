"""Pages, feeds, sitemaps, lists and ReliefWeb's reports as sources."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import BadSources, FetchFailed
from ingest.pipeline import ingest, list_releases
from ingest.preview import preview
from ingest.reading import Readers
from ingest.report import Report
from ingest.standing import ReliefWeb, Source, Web, read_sources
from ingest.update_web import Online
from ingest.web.feeds import links, suffix_of
from ingest.web.fetch import Fetcher, Policy
from ingest.web.reliefweb import query
from tests.ingest.web.site import Reply, Site
from vectorstore.embeddings import load_embeddings

_MODEL = load_embeddings()
_NEWS = """<!DOCTYPE html><html lang="ar"><head><title>{title} | وكالة المثال</title>
<meta property="article:published_time" content="2021-03-0{day}T09:00:00Z"></head>
<body><nav><a href="/">الرئيسية</a><a href="/x">أخبار</a><a href="/y">اتصل بنا</a></nav><article><h1>{title}</h1>
<p>عدن، {day} آذار 2021 – قدمت كندا لليونيسف في اليمن {amount} مليون دولار كندي لإصلاح محطات المياه في عدن خلال عامين.</p>
<p>ويستفيد من المشروع نحو 40 ألف شخص في ثلاث مديريات، وفق ما أعلنه مكتب المنظمة في المدينة يوم أمس.</p></article>
<script>var nonce = "{nonce}";</script></body></html>"""


def page(day: int, amount: str = "2.5", nonce: str = "1") -> bytes:
    """A page of news; the nonce changes its bytes and not what it says."""
    return _NEWS.format(title=f"كندا تدعم مياه عدن ({day})", day=day, amount=amount, nonce=nonce).encode()


class _Corpus:
    def __init__(self, site: Site, data: Path, readers: Readers) -> None:
        self.site, self.data, self._readers = site, data, readers
        self.online = Online(
            Fetcher(Policy(frozenset({site.host}), interval=0, seconds=10), sleep=lambda _: None),
            "sanad-test",
            site.url("/v2"),
        )

    def ingest(self, *sources: Source | str, **options: Any) -> Report:
        wanted = [Web(self.site.url(s)) if isinstance(s, str) else s for s in sources]
        self.site.asked.clear()
        return ingest(
            wanted, data_dir=self.data, embeddings=_MODEL, readers=self._readers, online=self.online, **options
        )


@pytest.fixture
def corpus(site: Site, tmp_path: Path, readers: Readers) -> _Corpus:
    return _Corpus(site, tmp_path / "data", readers)


def test_a_page_is_a_release_with_its_address(corpus: _Corpus) -> None:
    """Named by its path, dated by its markup, without the site's menu."""
    corpus.site.pages = {"/ar/news/canada-aden": Reply(page(3), headers={"Content-Type": "text/html; charset=utf-8"})}
    assert corpus.ingest("/ar/news/canada-aden").added == ("canada-aden",)
    entry = list_releases(corpus.data)[0]
    assert (entry.date, entry.url) == ("2021-03-03", corpus.site.url("/ar/news/canada-aden"))
    assert entry.title == "كندا تدعم مياه عدن (3)"


def test_only_what_a_page_says_counts_as_a_change(corpus: _Corpus) -> None:
    """Other bytes with the same words publish nothing; a changed amount does and is told as such."""
    corpus.site.pages = {"/p": Reply(page(3, nonce="1"))}
    corpus.ingest("/p")
    corpus.site.pages = {"/p": Reply(page(3, nonce="2"))}
    report = corpus.ingest("/p")
    assert (report.unchanged, report.published) == (("p",), False)
    corpus.site.pages = {"/p": Reply(page(3, amount="7.5"))}
    report = corpus.ingest("/p")
    assert report.changed == ("p",)
    assert any("7.5" in new for _, new in report.facts[0].changed)


def test_one_page_by_two_addresses_is_one_release(corpus: _Corpus) -> None:
    """Where its canonical address, or the end of its redirects, says so; its own address goes on to count as a page."""
    moved = Reply(status=301, headers={"Location": corpus.site.url("/p")})
    corpus.site.pages = {"/p": Reply(page(3)), "/go?id=7": moved}
    assert corpus.ingest("/p", "/go?id=7").duplicates == ("go?id=7 = p",)
    assert corpus.ingest("/p", "/go?id=7").published is False
    assert [e.id for e in list_releases(corpus.data)] == ["p"]


def test_a_page_cannot_pass_for_one_of_another_site(corpus: _Corpus) -> None:
    """Its canonical address counts on its own host only: citations show where it was read."""
    link = b'<head><link rel="canonical" href="%s">'
    own = corpus.site.url("/canonical").encode()
    corpus.site.pages = {
        "/lie": Reply(page(3).replace(b"<head>", link % b"https://www.un.example/statement")),
        "/own": Reply(page(4).replace(b"<head>", link % own)),
    }
    corpus.ingest("/lie", "/own")
    assert {e.id: e.url for e in list_releases(corpus.data)} == {
        "lie": corpus.site.url("/lie"),
        "own": corpus.site.url("/canonical"),
    }


def test_an_unchanged_page_is_not_sent_again(corpus: _Corpus) -> None:
    """The server is asked by ETag."""
    sent = []

    def answer(headers: dict[str, str]) -> Reply:
        if headers.get("if-none-match") == '"1"':
            return Reply(status=304)
        sent.append(1)
        return Reply(page(3), headers={"ETag": '"1"'})

    corpus.site.pages = {"/p": answer}
    corpus.ingest("/p")
    assert corpus.ingest("/p").unchanged == ("p",)
    assert len(sent) == 1


def test_a_page_that_is_gone_stays_in_the_corpus(corpus: _Corpus) -> None:
    """Sites drop old news; what was announced was announced. The failure is told."""
    corpus.site.pages = {"/p": Reply(page(3))}
    corpus.ingest("/p")
    corpus.site.pages = {"/p": Reply(status=404)}
    report = corpus.ingest("/p")
    assert "404" in report.failed[0].reason_en
    assert [e.id for e in list_releases(corpus.data)] == ["p"]


_RSS = (
    """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>أخبار</title>{items}</channel></rss>"""
)
_ITEM = "<item><title>خبر</title><link>{url}</link><pubDate>{date}</pubDate></item>"


def _feed(site: Site, *days: int) -> Reply:
    items = "".join(
        _ITEM.format(url=site.url(f"/news/{day}"), date=f"0{day} Mar 2021 09:00:00 GMT") for day in reversed(days)
    )
    return Reply(_RSS.format(items=items).encode(), headers={"Content-Type": "application/rss+xml"})


def test_of_a_feed_the_new_items_are_fetched(corpus: _Corpus) -> None:
    """Each page once, as long as the feed does not say that it changed; one that was removed by hand stays away."""
    site = corpus.site
    site.pages = {"/rss": _feed(site, 1, 2), **{f"/news/{d}": Reply(page(d)) for d in range(1, 4)}}
    assert corpus.ingest("/rss").added == ("2", "1")
    site.pages["/rss"] = _feed(site, 1, 2, 3)
    assert corpus.ingest("/rss").added == ("3",)
    assert site.paths() == ["/rss", "/news/3"]


def test_a_feed_is_asked_again_until_all_its_pages_came(corpus: _Corpus) -> None:
    """A page that failed once is fetched at the next run, though the feed has not changed."""
    site = corpus.site
    feed = _feed(site, 1, 2)

    def answer(headers: dict[str, str]) -> Reply:
        return Reply(status=304) if headers.get("if-none-match") == '"f"' else Reply(feed.body, headers={"ETag": '"f"'})

    site.pages = {"/rss": answer, "/news/1": Reply(page(1)), "/news/2": Reply(status=500)}
    assert corpus.ingest("/rss").added == ("1",)
    site.pages["/news/2"] = Reply(page(2))
    assert corpus.ingest("/rss").added == ("2",)
    assert corpus.ingest("/rss").added == ()
    assert site.paths() == ["/rss"]


def test_a_page_of_a_feed_that_holds_nothing_is_not_fetched_for_ever(corpus: _Corpus) -> None:
    """It is told once."""
    site = corpus.site
    site.pages = {"/rss": _feed(site, 1, 2), "/news/1": Reply(page(1)), "/news/2": Reply(b"<html><body></body></html>")}
    assert len(corpus.ingest("/rss").failed) == 1
    assert not corpus.ingest("/rss").failed
    assert site.paths() == ["/rss"]


def test_a_sitemap_index_leads_to_its_newest_pages(corpus: _Corpus) -> None:
    """Those that match, up to the limit; a page that the sitemap calls newer is fetched again."""
    site = corpus.site

    def sitemap(stamp: str) -> Reply:
        entries = "".join(
            f"<url><loc>{site.url(f'/ar/{d}')}</loc><lastmod>{stamp if d == 1 else f'2021-03-0{d}'}</lastmod></url>"
            for d in range(1, 5)
        )
        other = f"<url><loc>{site.url('/en/9')}</loc><lastmod>2021-03-09</lastmod></url>"
        return Reply(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}{other}</urlset>'.encode())

    index = f"<?xml version='1.0'?><sitemapindex><sitemap><loc>{site.url('/news.xml')}</loc></sitemap></sitemapindex>"
    site.pages = {"/sitemap.xml": Reply(index.encode()), "/news.xml": sitemap("2021-03-01")}
    site.pages |= {f"/ar/{d}": Reply(page(d)) for d in range(1, 5)} | {"/en/9": Reply(page(9))}
    source = Web(site.url("/sitemap.xml"), match=r"/ar/\d", limit=3)
    assert corpus.ingest(source).added == ("4", "3", "2")
    site.pages["/news.xml"] = sitemap("2099-01-01")
    site.pages["/ar/1"] = Reply(page(1))
    assert corpus.ingest(source).added == ("1",)


def test_one_bad_source_stops_no_other(corpus: _Corpus, tmp_path: Path) -> None:
    """A refused address, a dead feed, a broken page: each told, the rest read."""
    urls = tmp_path / "urls.txt"
    urls.write_text("\n".join([corpus.site.url("/p"), "http://127.0.0.1/secret", corpus.site.url("/none")]), "utf-8")
    corpus.site.pages = {"/p": Reply(page(3))}
    report = corpus.ingest(urls)
    assert report.added == ("p",)
    assert {f.path for f in report.failed} == {"http://127.0.0.1/secret", corpus.site.url("/none")}


def test_a_killed_run_over_many_pages_has_lost_none(corpus: _Corpus) -> None:
    """What was fetched is in the catalogue before the next page is asked for."""
    site = corpus.site

    class Killed(BaseException):
        pass

    def kill(_headers: dict[str, str]) -> Reply:
        return Reply(page(2))

    site.pages = {"/rss": _feed(site, 1, 2), "/news/1": Reply(page(1)), "/news/2": kill}
    fetch = corpus.online.fetcher.get

    def get(url: str, **options: Any) -> Any:
        if url.endswith("/news/1"):
            raise Killed
        return fetch(url, **options)

    corpus.online.fetcher.get = get  # type: ignore[method-assign]
    with pytest.raises(Killed):
        corpus.ingest("/rss")
    corpus.online.fetcher.get = fetch  # type: ignore[method-assign]
    report = corpus.ingest("/rss")
    assert report.added == ("1",)
    assert "/news/2" not in site.paths()
    assert report.releases == 2


def _report(number: int, changed: str = "2021-03-05T00:00:00+00:00", **fields: Any) -> dict[str, Any]:
    told = {
        "title": f"كندا تدعم مياه عدن ({number})",
        "body-html": "<p>عدن، 3 آذار 2021 – قدمت كندا لليونيسف في اليمن 2.5 مليون دولار كندي لإصلاح محطات المياه.</p>",
        "date": {"original": "2021-03-03T00:00:00+00:00", "changed": changed, "created": changed},
        "source": [{"name": "UN Children's Fund"}],
        "url": f"https://reliefweb.int/node/{number}",
        "url_alias": f"https://reliefweb.int/report/yemen/aden-water-{number}",
    }
    return {"id": str(number), "fields": told | fields}


def test_reliefweb_reports_are_releases(corpus: _Corpus) -> None:
    """Their title, date, source and address are the API's; attachments without a text are passed over."""
    answer = {"totalCount": 3, "count": 3, "data": [_report(1), _report(2), _report(3, **{"body-html": None})]}
    corpus.site.pages = {"/v2/reports?appname=sanad-test": Reply(json.dumps(answer).encode())}
    report = corpus.ingest(ReliefWeb(country=("Yemen",)))
    assert report.added == ("aden-water-1", "aden-water-2")
    entry = list_releases(corpus.data)[0]
    assert (entry.date, entry.publisher) == ("2021-03-03", "UN Children's Fund")
    assert entry.url == "https://reliefweb.int/report/yemen/aden-water-1"
    assert corpus.ingest(ReliefWeb(country=("Yemen",))).published is False
    answer["data"] = [_report(1, "2021-04-01T00:00:00+00:00", **{"body-html": "<p>قدمت كندا 9 ملايين دولار كندي.</p>"})]
    corpus.site.pages = {"/v2/reports?appname=sanad-test": Reply(json.dumps(answer).encode())}
    assert corpus.ingest(ReliefWeb(country=("Yemen",))).changed == ("aden-water-1",)


def test_reliefweb_is_paged_up_to_the_limit(corpus: _Corpus) -> None:
    """A hundred a request."""
    asked = []

    def answer(_headers: dict[str, str]) -> Reply:
        body = json.loads(corpus.site.asked[-1][3])
        asked.append((body["offset"], body["limit"]))
        rows = [_report(body["offset"] + i, **{"body-html": ""}) for i in range(body["limit"])]
        return Reply(json.dumps({"data": rows}).encode())

    corpus.site.pages = {"/v2/reports?appname=sanad-test": answer}
    corpus.ingest(ReliefWeb(limit=150))
    assert asked == [(0, 100), (100, 50)]


def test_reliefweb_without_a_name_or_with_a_wrong_one_says_what_to_do(corpus: _Corpus) -> None:
    """The setting is named."""
    corpus.site.pages = {"/v2/reports?appname=sanad-test": Reply(status=403)}
    assert "SANAD_RELIEFWEB_APPNAME" in corpus.ingest(ReliefWeb()).failed[0].reason_en
    corpus.online = Online(corpus.online.fetcher)
    assert "SANAD_RELIEFWEB_APPNAME" in corpus.ingest(ReliefWeb()).failed[0].reason_ar


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data": [1]}', b'{"data": [{"fields": 3}]}', b"<html>"])
def test_an_answer_that_is_not_understood_is_a_failure(corpus: _Corpus, body: bytes) -> None:
    """Of that source alone."""
    corpus.site.pages = {"/v2/reports?appname=sanad-test": Reply(body), "/p": Reply(page(3))}
    report = corpus.ingest(ReliefWeb(), "/p")
    assert report.added == ("p",)
    assert len(report.failed) <= 1


def test_reliefweb_is_asked_for_arabic_by_country_organisation_and_date() -> None:
    """ISO3 codes and names, short names and names."""
    body = query(ReliefWeb(("IRQ", "Yemen"), ("UNICEF",), date(2021, 1, 1), date(2021, 12, 31)), 10, 0)
    language, country, source, span = body["filter"]["conditions"]
    assert language == {"field": "language.code", "value": "ar"}
    assert [c["field"] for c in country["conditions"]] == ["country.iso3", "country.name"]
    assert [c["field"] for c in source["conditions"]] == ["source.name", "source.shortname"]
    assert span["value"] == {"from": "2021-01-01T00:00:00+00:00", "to": "2021-12-31T23:59:59+00:00"}


def test_a_preview_shows_a_page_and_keeps_nothing(corpus: _Corpus, readers: Readers, tmp_path: Path) -> None:
    """Release, passages, facts and what is odd; publishing it is another step."""
    corpus.site.pages = {"/p": Reply(page(3)), "/rss": _feed(corpus.site, 1)}
    found = preview(corpus.site.url("/p"), data_dir=corpus.data, readers=readers, online=corpus.online)
    assert found.release.title == "كندا تدعم مياه عدن (3)"
    assert any(row.kind == "funding" for row in found.facts)
    assert found.passages
    assert not found.warnings
    assert not corpus.data.exists()
    with pytest.raises(FetchFailed):
        preview(corpus.site.url("/rss"), readers=readers, online=corpus.online)


def test_a_preview_warns(readers: Readers, tmp_path: Path) -> None:
    """Of a missing date, a text without amounts, a twin, a release that would be replaced."""
    file = tmp_path / "a.txt"
    file.write_text("زيارة وفد\n\nزار وفد من المنظمة المدرسة.\n", "utf-8")
    codes = {w.code for w in preview(file, readers=readers).warnings}
    assert codes == {"no_date", "no_amount", "short"}
    ingest([file], data_dir=tmp_path / "data", embeddings=_MODEL, readers=readers)
    (tmp_path / "b.txt").write_bytes(file.read_bytes())
    assert "replaces" in {w.code for w in preview(file, data_dir=tmp_path / "data", readers=readers).warnings}
    codes = {w.code for w in preview(tmp_path / "b.txt", data_dir=tmp_path / "data", readers=readers).warnings}
    assert "duplicate" in codes


def test_standing_sources_are_read(tmp_path: Path) -> None:
    """Each kind; paths count from the file's folder."""
    file = tmp_path / "sources.yaml"
    file.write_text(
        """sources:
  - releases
  - path: /data/all.zip
  - https://example.org/rss
  - {url: https://example.org/sitemap.xml, match: /ar/, limit: 5}
  - reliefweb: {country: [Iraq, SYR], organisation: UNICEF, since: 2024-01-31}
""",
        "utf-8",
    )
    assert read_sources(file) == [
        tmp_path / "releases",
        Path("/data/all.zip"),
        Web("https://example.org/rss"),
        Web("https://example.org/sitemap.xml", "/ar/", 5),
        ReliefWeb(("Iraq", "SYR"), ("UNICEF",), date(2024, 1, 31)),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("sources: [", "not valid YAML"),
        ("a: 1", "a list named"),
        ("sources: []", "a list named"),
        ("- {feed: https://example.org}", "source 1 is not understood"),
        ("- a\n- {url: ftp://example.org}", "source 2 is not understood"),
        ("- {url: https://example.org, match: '('}", "no pattern"),
        ("- {url: https://example.org, limit: 0}", "positive number"),
        ("- reliefweb: {countries: Iraq}", "expected country"),
        ("- reliefweb: {since: yesterday}", "no date"),
        ("- !!python/object/apply:os.system [ls]", "not valid YAML"),
    ],
)
def test_a_wrong_sources_file_is_told_where_and_what(tmp_path: Path, content: str, said: str) -> None:
    """By number and expectation."""
    file = tmp_path / "sources.yaml"
    file.write_text(content, "utf-8")
    with pytest.raises(BadSources, match=said):
        read_sources(file)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<html><body>x", "page"),
        (b"", "page"),
        (b"%PDF-1.4", "page"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><!-- c --><rss><channel></channel></rss>', "feed"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>', "feed"),
        (b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>', "feed"),
        (b"<urlset></urlset>", "sitemap"),
        (b"<?xml-stylesheet href='x'?>\n<sitemapindex></sitemapindex>", "index"),
        (b"<urlset><url><loc>", "sitemap"),
    ],
)
def test_feeds_and_sitemaps_are_told_by_what_they_are(content: bytes, kind: str) -> None:
    """Not by what the server calls them."""
    assert links(content, "https://example.org/").kind == kind


def test_a_feed_names_pages_only() -> None:
    """Relative ones against its address, each once, no other schemes; entities are not unfolded."""
    feed = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>
<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="/a"/><updated>2021-03-01T10:00:00+03:00</updated></entry>
<entry><link href="/a"/></entry><entry><link href="file:///etc/passwd"/></entry>
<entry><link href="javascript:alert(1)"/></entry><entry><link href="https://other.example/b"/></entry></feed>"""
    found = links(feed, "https://example.org/rss").links
    assert [link.url for link in found if "passwd" in link.url or "javascript" in link.url] == []
    assert {link.url for link in found} <= {"https://example.org/a", "https://other.example/b"}


@pytest.mark.parametrize(
    ("kind", "url", "content", "suffix"),
    [
        ("text/html; charset=utf-8", "https://e.org/x.pdf", b"<html>", ".html"),
        ("application/octet-stream", "https://e.org/x.pdf", b"%PDF-1.7", ".pdf"),
        ("text/html", "https://e.org/x", b"%PDF-1.7", ".pdf"),
        ("", "https://e.org/x", b" <!DOCTYPE html>", ".html"),
        ("application/octet-stream", "https://e.org/x.docx?v=1", b"PK\x03\x04", ".docx"),
        ("image/png", "https://e.org/x", b"\x89PNG", ".png"),
        ("text/plain", "https://e.org/x", b"abc", ".txt"),
    ],
)
def test_the_kind_of_a_fetched_document_is_seen(kind: str, url: str, content: bytes, suffix: str) -> None:
    """By its first bytes, its server's word, its address."""
    assert suffix_of(kind, url, content) == suffix
