"""One file for each word after `hark`. They read options, call one verb, and print; nothing else."""
