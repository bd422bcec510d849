"""WhatsApp providers, one package each, all behind one port."""
