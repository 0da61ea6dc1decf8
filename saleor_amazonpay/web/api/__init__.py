"""The GraphQL extension: who may ask what, and how our domain looks from there. Calls flows; decides nothing."""
