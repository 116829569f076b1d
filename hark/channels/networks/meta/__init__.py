"""What Facebook, Instagram and WhatsApp have in common: the Graph API, its webhooks, its errors. Not a network itself."""
