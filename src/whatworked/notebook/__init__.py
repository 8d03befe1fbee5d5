"""The methods by themselves, for a notebook: any table in, a small frozen result out."""
