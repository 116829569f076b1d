from hark.ops.cli import main

main()
