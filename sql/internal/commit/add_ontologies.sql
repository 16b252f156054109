-- Store the ontologies that the warehouse does not know yet; one that is staged twice is stored once.
-- parameters: files
insert into ontology
select distinct staged.*
from read_parquet($files, hive_partitioning => false) as staged
where staged.ontology not in (select known.ontology from ontology as known);
