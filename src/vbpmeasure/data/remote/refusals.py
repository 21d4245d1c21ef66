"""What an object store says when it refuses, as findings that quote none of it."""

from __future__ import annotations

import re

from vbpmeasure.diagnostics.model import Diagnostic, Span

# What the services say when they refuse, in the texts of their libraries (never shown).
_REFUSED = re.compile(
    r"ACCESS_DENIED|AccessDenied|InvalidAccessKey|INVALID_ACCESS_KEY|INVALID_CLIENT_TOKEN|SignatureDoesNotMatch|"
    r"SIGNATURE_DOES_NOT_MATCH|UNRECOGNIZED_CLIENT|EXPIRED_TOKEN|ExpiredToken|HTTP status 40[13]|status: 40[13]|"
    r"\b40[13]\b|Forbidden|Unauthorized|PERMISSION_DENIED|UNAUTHENTICATED|AuthenticationFailed|AuthorizationFailure|"
    r"credential|[Aa]nonymous caller|account_name",
)
_NO_BUCKET = re.compile(r"NO_SUCH_BUCKET|NoSuchBucket|ContainerNotFound|bucket does not exist", re.IGNORECASE)


def explained(text: str, where: str | None, span: Span | None = None) -> Diagnostic:
    """Return the finding behind the text of a library: VBM372, VBM376 or VBM377. The text is not quoted."""
    if _NO_BUCKET.search(text):
        return no_bucket(where, span)
    if _REFUSED.search(text):
        return Diagnostic(
            "VBM372",
            "the object store refuses: there are no credentials, or they do not allow this",
            span=span,
            where=where,
            hint="set the variables of the service, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name yours "
            "under [storage] in vbpmeasure.toml; listing and reading have to be allowed",
        )
    return Diagnostic(
        "VBM377",
        "the object store cannot be reached, or did not answer as expected",
        span=span,
        where=where,
        hint="check the network, and the endpoint under [storage] or in the environment",
    )


def no_bucket(where: str | None, span: Span | None = None) -> Diagnostic:
    """Return the finding that there is no such bucket or container (VBM376)."""
    return Diagnostic(
        "VBM376",
        "the bucket or container is not there",
        span=span,
        where=where,
        hint="check its name, and whether the endpoint and region are those of its service",
    )
