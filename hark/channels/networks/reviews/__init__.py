"""What review sites share: public reviews with stars, one public answer each, nothing private."""
