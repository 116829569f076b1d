"""Letters by IMAP and SMTP: any mailbox on any server."""
