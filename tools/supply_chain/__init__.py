"""What the project depends on: the locks, licenses, the SBOM, known vulnerabilities. No part of the package."""
