"""An address of Amazon's in the form of Saleor's `AddressInput`.

Amazon has one name field and up to three lines without a meaning of their own (contracts, amazon-pay §8 no. 16). In
German-speaking countries a company comes first and the street last; elsewhere the street comes first.
"""

from __future__ import annotations

from saleor_amazonpay.domain.address import PostalAddress

_COMPANY_FIRST = frozenset({"DE", "AT"})


def address_input(address: PostalAddress) -> dict[str, str]:
    """The keys a storefront hands to `checkoutShippingAddressUpdate` as they are."""
    first, _, last = address.name.strip().rpartition(" ")
    lines = [line for line in address.lines if line]
    company, street, more = "", lines[0] if lines else "", ", ".join(lines[1:])
    if address.country in _COMPANY_FIRST and len(lines) > 1:
        company, street, more = ", ".join(lines[:-1]), lines[-1], ""
    return {
        "firstName": first.strip(),
        "lastName": last,
        "companyName": company,
        "streetAddress1": street,
        "streetAddress2": more,
        "city": address.city,
        "cityArea": address.district,
        "postalCode": address.postal_code,
        "country": address.country,
        "countryArea": address.state,
        "phone": address.phone,
    }
