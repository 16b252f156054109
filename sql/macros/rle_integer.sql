-- One integer of COCO's compressed run lengths: groups of five bits, low bits first, each in a character.
-- parameters: code (characters of one integer)
-- returns: the integer; its sign is that of its last group
create or replace macro rle_integer(code) as
    list_sum(list_transform(range(length(code)), lambda i:
        ((ord(code[i + 1]) - 48) & 31)::bigint << (5 * i)::bigint))::bigint
    - if((ord(code[-1]) - 48) & 16 > 0, 1::bigint << (5 * length(code))::bigint, 0);
