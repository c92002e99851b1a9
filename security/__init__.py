"""What watches over the things that Sanad is built from."""
