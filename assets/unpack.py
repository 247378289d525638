"""unpack.py FOLDER PATTERN WHEEL...: unpacks the members of wheels whose names match, with their permissions."""

import os
import re
import sys
import zipfile

folder, pattern, *wheels = sys.argv[1:]
for wheel in wheels:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if re.match(pattern, member.filename) and not member.is_dir():
                path = archive.extract(member, folder)
                os.chmod(path, 0o644 | (member.external_attr >> 16) & 0o111)
