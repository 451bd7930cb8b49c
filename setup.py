"""The same files make the same archives, byte for byte; everything else stands in ``setup.cfg``.

What would differ is when they are made and by whom: a wheel takes the times of generated files,
unless ``SOURCE_DATE_EPOCH`` says otherwise, and a source distribution has no such switch.
"""

import gzip
import os
import tarfile
from pathlib import Path

from setuptools import setup
from setuptools.command.sdist import sdist

#: 6 May 2019, when the paper was presented: a time has to stand there.
os.environ.setdefault("SOURCE_DATE_EPOCH", "1557100800")


class ReproducibleSdist(sdist):
    """A source distribution that does not depend on when, where and by whom it is made."""

    def make_archive(self, base_name, format, root_dir=None, base_dir=None, **_):
        """Write what is in ``base_dir``, in order, without owners and times."""
        if format != "gztar":
            raise ValueError(f"a source distribution is a .tar.gz, and no {format}")
        path, top = f"{base_name}.tar.gz", Path(root_dir or ".")
        epoch = int(os.environ["SOURCE_DATE_EPOCH"])

        def anonymous(member):
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mtime = epoch
            member.mode = 0o755 if member.isdir() else 0o644
            return member

        with (
            open(path, "wb") as file,
            gzip.GzipFile("", "wb", fileobj=file, mtime=epoch) as compressed,
            tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            archive.add(top / base_dir, base_dir, filter=anonymous)
        return path


setup(cmdclass={"sdist": ReproducibleSdist})
