"""What published studies say, pooled and doubted. No image room is needed.

Study: one comparison of two arms, the first the new operation (MIS), the second the usual (open).
Effect: what a study says in one number `yi` with its variance `vi`, on the analysis scale.
Analysis scale: the log for ratios, the plain number otherwise. Pool: the effects made one.
"""
