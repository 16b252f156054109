-- Classes of objects of some ontologies.
-- grain: object of an ontology
-- columns: ontology, feature_hash, name, shape, color
-- parameters: ontologies
select ontology.ontology, ontology.feature_hash, ontology.name, ontology.shape, ontology.color
from ontology
where
    ontology.kind = 'object'
    and ontology.ontology in (select unnest($ontologies))
order by ontology.ontology, ontology.position;
