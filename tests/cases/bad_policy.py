"""Where the project decides or names a reason otherwise than the corpus suggests; one line each."""

CODES = {
    "json_syntax/leading_xssi.json": "NOT_JSON",  # the first byte already is no JSON
    "injection_secret/signed_url_next_to_syntax_error.json": "TRUNCATED",  # the string never ends
    "container/many_json_2000.zip": "LIMIT_MEMBERS",
    "container/gz_bad_crc.json.gz": "GZIP_CORRUPT",  # one code for damaged gzip
    "container/bomb_zeros_200mb.zip": "ENCODING",  # NUL bytes: refused at the first block
    "container/bomb_string_100mb.json.gz": "LIMIT_RATIO",  # met before the record's own limit
    "container/bomb_objects_100mb.json.gz": "MISSING_FIELD",  # a section wholly bad says its first reason
    "record/kp_nested.json": "COERCED",  # the same triplets one level deeper: stored, as other texts are
    "container/bomb_spaces_200mb.zip": "LIMIT_DOCUMENT",  # 32 MiB of white space outside records come first
}

OUTCOMES = {
    "container/deflate64.zip": "ok",  # read since Windows makes such archives of large files
}
