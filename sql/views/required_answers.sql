-- Questions that the ontology requires, of each object and classification of label rows that has to answer them. The
-- flag `required` decides; nothing is guessed from what others answer. A question below an option counts where the
-- option is chosen, and archived questions do not count.
-- grain: required question of an object, or of a classification
-- columns: project, document_id, document_title (title of the document), document_key, kind (label or
--   classification), position (of the first label of the object in annotations, or in classifications), object_hash
--   (hash of the object, or of the classification), category_name (name of the class), name (of the question),
--   question_hash (featureHash of the question), type, is_nested (the question is below an option), dynamic,
--   label_count (labels of the object, one per frame that it is on; 1 for a classification), created_by (who made the
--   first of them), is_answered (it has a choice, number or text; for an answer that may change, on any frame)
-- checks: no row of a document whose ontology is not known
create or replace view required_answers as
with owners as (
    select
        annotations.document_key,
        'label' as kind,
        min(annotations.position) as position,
        annotations.encord_track_uuid as object_hash,
        annotations.feature_hash,
        count(*) as label_count,
        arg_min(annotations.created_by, annotations.position) as created_by
    from annotations
    where annotations.feature_hash is not null
    group by annotations.document_key, annotations.encord_track_uuid, annotations.feature_hash

    union all

    select
        classifications.document_key,
        'classification',
        classifications.position,
        classifications.classification_hash,
        classifications.feature_hash,
        1,
        classifications.created_by
    from classifications
),

required as (
    select distinct
        ontology.ontology,
        ontology.feature_hash,
        ontology.parent_feature_hash,
        ontology.name,
        ontology.type,
        ontology.dynamic
    from ontology
    where ontology.kind = 'attribute' and ontology.required and not coalesce(ontology.archived, false)
),

chosen as (
    select distinct answers.document_key, answers.owner_hash, answers.option_hash
    from answers
    where answers.option_hash in (select required.parent_feature_hash from required)
),

answered as (
    select distinct answers.document_key, answers.owner_hash, answers.feature_hash
    from answers
    where answers.value <> ''
),

asked as (
    select owners.*, label_rows.ontology, owners.feature_hash as parent_hash, false as is_nested
    from owners
    inner join label_rows on label_rows.document_key = owners.document_key

    union all

    select owners.*, label_rows.ontology, chosen.option_hash, true
    from owners
    inner join label_rows on label_rows.document_key = owners.document_key
    inner join chosen
        on chosen.document_key = owners.document_key and chosen.owner_hash = owners.object_hash
)

select
    documents.project,
    documents.document_id,
    documents.title as document_title,
    asked.document_key,
    asked.kind,
    asked.position,
    asked.object_hash,
    classes.name as category_name,
    required.name,
    required.feature_hash as question_hash,
    required.type,
    asked.is_nested,
    required.dynamic,
    asked.label_count,
    asked.created_by,
    answered.feature_hash is not null as is_answered
from asked
inner join documents on documents.document_key = asked.document_key
inner join required
    on required.ontology = asked.ontology and required.parent_feature_hash = asked.parent_hash
left join (
    select ontology.ontology, ontology.feature_hash, arg_min(ontology.name, ontology.position) as name
    from ontology
    where ontology.kind in ('object', 'classification')
    group by ontology.ontology, ontology.feature_hash
) as classes
    on classes.ontology = asked.ontology and classes.feature_hash = asked.feature_hash
left join answered
    on answered.document_key = asked.document_key
    and answered.owner_hash = asked.object_hash
    and answered.feature_hash = required.feature_hash;
