"""What rules make of people, meetings, groups and referrals."""
