[(block) (list) (record)] @indent
["}" "]"] @outdent
(block ">" @outdent)
