"""What the made-up files of minutes must give: so many minutes, or a refusal that says so."""

from pathlib import Path

from research.data.tables.schema import Venue

__all__ = ["CASES", "READ", "REFUSED"]

CASES = Path(__file__).parent / "cases"

# file, venue, minutes
READ: list[tuple[str, Venue, int]] = [
    ("01-hummingbot-dydx-csv/binance_hb.csv", "binance", 120),
    ("01-hummingbot-dydx-csv/dydx_hb.csv", "dydx", 120),
    ("01-hummingbot-dydx-csv/dydx_hb_int.csv", "dydx", 120),
    ("01-hummingbot-dydx-csv/dydx_hb_int_notaker.csv", "dydx", 120),
    ("02-ccxt-json/BTC_USDT-1m.json", "binance", 120),
    ("02-ccxt-json/BTC_USDT-1m.json", "dydx", 120),
    ("03-freqtrade-feather/BTC_USDT_USDT-1m-futures.feather", "binance", 120),
    ("03-freqtrade-feather/BTC_USDT_USDT-1m-futures.feather", "dydx", 120),
    ("03-freqtrade-feather/ns.feather", "dydx", 120),
    ("05-unnamed-index/btc.csv", "binance", 120),
    ("05-unnamed-index/btc.parquet", "binance", 120),
    ("06-excel-semicolon/btc.csv", "binance", 120),
    ("06-excel-semicolon/sci_volume.csv", "binance", 120),
    ("06-excel-semicolon/tab.tsv", "binance", 120),
    ("06-excel-semicolon/utf16.csv", "binance", 120),
    ("07-dydx-pages/concatenated.json", "dydx", 120),
    ("07-dydx-pages/list_of_pages.json", "dydx", 120),
    ("07-dydx-pages/newest_page_first.json", "dydx", 120),
    ("07-dydx-pages/oldest_page_first.csv", "dydx", 120),
    ("07-dydx-pages/oldest_page_first.json", "dydx", 120),
    ("07-dydx-pages/pages.jsonl", "dydx", 120),
    ("07-dydx-pages/rows.jsonl", "dydx", 120),
    ("07-dydx-pages/wrapped.json", "dydx", 120),
    ("08-cryptodatadownload/Binance_BTCUSDT_minute.csv", "binance", 120),
    ("08-cryptodatadownload/no_url.csv", "binance", 120),
    ("09-close-time/exclusive.csv", "binance", 120),
    ("09-close-time/seconds_close.csv", "binance", 120),
    *[
        (f"10-stamps/{name}.csv", "binance", 120)
        for name in ("compact", "compactT", "compact_s", "float_ms", "float_s", "iso8", "ns", "s")
    ],
    ("10-stamps/us.csv", "binance", 120),
    ("10-stamps/utc_word.csv", "binance", 120),
    ("11-archives/a.csv.gz", "binance", 120),
    ("11-archives/a.tar", "binance", 120),
    ("11-archives/csv_and_checksum.zip", "binance", 120),
    ("11-archives/mac.zip", "binance", 120),
    ("29-joined-csv/cr.csv", "binance", 60),
    ("29-joined-csv/header_twice.csv", "binance", 120),
    ("29-joined-csv/noheader_then_header.csv", "binance", 120),
    ("30-no-final-newline/day0.csv", "dydx", 1440),
    ("34-more-shapes/dict_ticker.parquet", "dydx", 120),
    ("34-more-shapes/rest_strings.parquet", "binance", 120),
    ("34-more-shapes/short_names.csv", "binance", 120),
    ("34-more-shapes/sp0000.csv", "binance", 120),
    ("34-more-shapes/ts_name.csv", "binance", 120),
    ("34-more-shapes/view.parquet", "dydx", 120),
    ("34-more-shapes/xl.csv", "binance", 120),
    ("34-more-shapes/z0000.csv", "binance", 120),
]
REFUSED: list[tuple[str, Venue, str]] = [
    ("01-hummingbot-dydx-csv/binance_hb.csv", "dydx", "belongs to binance files"),
    ("06-excel-semicolon/sci_time.csv", "binance", "was rounded by a spreadsheet"),
    ("09-close-time/offgrid.csv", "binance", "row 30: close_time is 74.788 s after open_time"),
    ("09-close-time/short_candle.csv", "binance", "row 30: close_time is 14.788 s after"),
    ("10-stamps/dmy.csv", "binance", "does not say which number is the month"),
    ("10-stamps/mdy.csv", "binance", "does not say which number is the month"),
    ("11-archives/empty.zip", "binance", "holds no file of minutes"),
    ("11-archives/two_days.zip", "binance", "holds 2 files, expected one"),
    ("17-bad-rows/dup2359.csv", "binance", "minute 2026-02-02T23:59Z stands twice"),
    ("17-bad-rows/inf.csv", "binance", "row 11 (2026-02-02T23:30Z): high = inf"),
    ("17-bad-rows/nanvol.csv", "binance", "row 11 (2026-02-02T23:30Z): volume = nan"),
    ("17-bad-rows/negvol.csv", "binance", "row 11 (2026-02-02T23:30Z): volume = -1.5"),
    ("17-bad-rows/nullclose.csv", "binance", "row 11: close = 'null'"),
    ("17-bad-rows/price0.csv", "binance", "row 11 (2026-02-02T23:30Z): close = 0.0"),
    ("33-xlsx/book.xlsx", "binance", "an Excel workbook; save the sheet as CSV"),
    ("34-more-shapes/ampm.csv", "binance", "names the hour only"),
    ("34-more-shapes/ms_then_us.csv", "binance", "use one unit per file"),
]
