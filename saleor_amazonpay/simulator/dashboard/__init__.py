"""The files of the small Saleor's Dashboard; `simulator.shop.pages` serves them."""
