"""Findings of the checks: grouped by cause, remembered from night to night, and waived."""
