"""Copy the data of this study out of the installed package causaldata, beside the study file."""

import shutil
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path


def main() -> None:
    """Copy `organ_donation.csv`; the package itself, which would need pandas, is not imported."""
    try:
        package = distribution("causaldata")
    except PackageNotFoundError:
        raise SystemExit("causaldata is not installed: python -m pip install causaldata") from None
    source = package.locate_file("causaldata/organ_donations/organ_donation.csv")
    target = Path(__file__).with_name("organ_donation.csv")
    shutil.copyfile(str(source), target)
    print(target)


if __name__ == "__main__":
    main()
