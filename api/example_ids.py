"""The ids of every example: one small world, so that examples fit together as a story does."""

JOB = "job_06earhkqg1quh68241tflqrh40"
PARENT_JOB = "job_06earg9s01quh68241tflqrh40"
UPLOAD = "upl_06earhs4s1pbvdkfifodqv91v4"
MODEL_UPLOAD = "upl_06earhs4t1pbvdkfifodqv91v4"
DATASET = "ds_06eari3f81vppbrunivgj2svbs"
MODEL = "mdl_06eariapk1ujp1a7iti3i1e5pg"
ARTIFACT = "art_06earii401ujp2ch28ilredv94"
KEY = "key_06earg1401nup5h0a1m7q0cs5g"
SIGN_IN_CODE = "sh_code_5eaf00d15eaf00d15eaf00d15eaf00d1"
WORKER = "wrk_06earf8001p5v2n5c9k0m7q4sg"
REQUEST = "req_5b1f0c9e2d7a4886b3c41f0a97d25e60"
LINK = (
    "WyJzZ25fMDZlYXJqZmRnMXRzZjAzdGxkaHVyajJpb2ciLCAiZGVmYXVsdCIsICJhcnRfMDZlYXJpaTQw"
    "MXVqcDJjaDI4aWxyZWR2OTQiLCAxNzcyNDQyOTAwXQ"
    ".9a750ba0c7d86831a2c09486185f891083024d868d5a1dad3e4170a1bc5eac08"
)
