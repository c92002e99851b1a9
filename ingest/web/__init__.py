"""What is fetched from the web: pages, feeds, sitemaps and ReliefWeb's reports, politely and from public hosts only."""
