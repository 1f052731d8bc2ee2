"""
The protocols' math on float64 arrays, random numbers and elementary functions, compiled.

A kernel takes state blocks `(rows, n_paths)` and one record of named constants, writes in place and
returns nothing: one short branch-free loop per component, so that the compiler can vectorise it.
Two habits make that work: rows are taken as views *before* the loop (a constant read from a record
inside it could, for all the compiler knows, change with every store), and no two rows that a loop
writes are the same.

`exact/` holds the same math in integers; neither imports the other, the tests introduce them.
"""
