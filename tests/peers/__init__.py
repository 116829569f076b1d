"""Real server software of other people, started on loopback: each in a private folder, on ports of its own.

The AT Protocol network (PLC directory, PDS, AppView; its direct message service is a stand-in) and an OpenID provider
come from npm packages in the folder that `hark.ops.testing.peers_folder` finds. Leaving a peer stops exactly what it
started. PEERS_KEEP=1 keeps the folders for a look at the logs; PEERS_NODE names another Node.
"""
