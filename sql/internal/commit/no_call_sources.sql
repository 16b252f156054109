-- Forget the sources of the previous call.
delete from temp.main.call_sources;
