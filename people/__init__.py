"""What Touchbase knows: types, identity, facts, planning and the store. No Prefect, no HTTP."""
