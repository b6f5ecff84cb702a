# SPDX-License-Identifier: Apache-2.0
"""Images in every layout there is, made from a few words."""
import gzip
import hashlib
import io
import json
import lzma
import os
import subprocess
import tarfile

DEBIAN = b'ID=debian\nVERSION_ID="12"\n'


def link(target):
    return ("symlink", target)


def hard(target):
    return ("hardlink", target)


def packages(*named):
    """A dpkg status file: "bash 5.2" and so on."""
    return b"".join(
        b"Package: %s\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\n\n" % tuple(n.encode().split())
        for n in named
    )


def layer(entries, form=tarfile.PAX_FORMAT):
    """A tar of (name, what): bytes a file, None a folder, link() and hard() what they say."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, what in entries.items() if isinstance(entries, dict) else entries:
            info = tarfile.TarInfo(name)
            info.mode = 0o644
            if what is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(info)
            elif isinstance(what, tuple):
                info.type = tarfile.SYMTYPE if what[0] == "symlink" else tarfile.LNKTYPE
                info.linkname = what[1]
                tar.addfile(info)
            else:
                info.size = len(what)
                tar.addfile(info, io.BytesIO(what))
    return out.getvalue()


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout


def chunked_zstd(data):
    """As podman writes it: several frames, one of them tells of the others and holds nothing."""
    note = b"\x50\x2a\x4d\x18" + len(b"note").to_bytes(4, "little") + b"note"
    half = len(data) // 2
    return note + zstd(data[:half]) + zstd(data[half:]) + note


def stargz(data):
    """Many members, one behind the other."""
    step = max(len(data) // 7, 1)
    return b"".join(gzip.compress(data[i : i + step]) for i in range(0, len(data), step))


PACKINGS = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "gzip members": stargz,
    "xz": lzma.compress,
    "zstd": zstd,
    "zstd chunked": chunked_zstd,
}


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Image:
    """Layers and what a registry would say about them."""

    def __init__(self, layers, pack="gzip", arch="amd64", history=None, labels=None, notes=None, os_name="linux"):
        self.plain = layers
        self.packed = [PACKINGS[pack](one) for one in layers]
        self.platform = {"os": os_name, "architecture": arch}
        config = {**self.platform, "rootfs": {"type": "layers", "diff_ids": [digest(one) for one in layers]}}
        if history is not None:
            config["history"] = history
        if labels:
            config["config"] = {"Labels": labels}
        self.config = json.dumps(config).encode()
        self.kind = "application/vnd.oci.image.layer.v1.tar"
        self.manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": self.descriptor(self.config, "application/vnd.oci.image.config.v1+json"),
                "layers": [self.descriptor(one, self.kind) for one in self.packed],
                **({"annotations": notes} if notes else {}),
            }
        ).encode()

    @staticmethod
    def descriptor(data, kind, **more):
        return {"mediaType": kind, "digest": digest(data), "size": len(data), **more}

    def diff_ids(self):
        return [digest(one) for one in self.plain]

    def blobs(self):
        return [*self.packed, self.config, self.manifest]


def tar_of(members):
    return layer(members, tarfile.USTAR_FORMAT)


def blob_name(data):
    return "blobs/sha256/" + digest(data)[7:]


def oci_members(images):
    """[(image, name or None)] as an OCI layout, the index last."""
    members, offers = {}, []
    for image, name in images:
        for blob in image.blobs():
            members[blob_name(blob)] = blob
        offers.append(
            Image.descriptor(
                image.manifest,
                "application/vnd.oci.image.manifest.v1+json",
                platform=image.platform,
                **({"annotations": {"org.opencontainers.image.ref.name": name}} if name else {}),
            )
        )
    members["oci-layout"] = b'{"imageLayoutVersion": "1.0.0"}'
    members["index.json"] = json.dumps({"schemaVersion": 2, "manifests": offers}).encode()
    return members


def docker_old_members(images):
    """docker save until 24: layers in folders, or one folder linking to another's."""
    members, manifest, seen = {}, [], {}
    for image, tag in images:
        names = []
        for i, one in enumerate(image.packed):
            folder = hashlib.sha256(image.config + b"%d" % i).hexdigest()
            names.append(folder + "/layer.tar")
            members[folder + "/VERSION"] = b"1.0"
            members[folder + "/json"] = b"{}"
            if digest(one) in seen:
                members[names[-1]] = link("../" + seen[digest(one)])
            else:
                members[names[-1]] = one
                seen[digest(one)] = names[-1]
        config = digest(image.config)[7:] + ".json"
        members[config] = image.config
        manifest.append({"Config": config, "RepoTags": [tag] if tag else None, "Layers": names})
    members["manifest.json"] = json.dumps(manifest).encode()
    members["repositories"] = b"{}"
    return members


def skopeo_saved_members(image, tag):
    """skopeo's docker-archive: layers at the top, folders that link to them."""
    members, names = {}, []
    for i, one in enumerate(image.packed):
        members[digest(image.plain[i])[7:] + ".tar"] = one
        members["%064x/layer.tar" % i] = link("../" + digest(image.plain[i])[7:] + ".tar")
        names.append("%064x/layer.tar" % i)
    members[digest(image.config)[7:] + ".json"] = image.config
    members["manifest.json"] = json.dumps(
        [{"Config": digest(image.config)[7:] + ".json", "RepoTags": [tag], "Layers": names}]
    ).encode()
    return members


def docker_new_members(images):
    """docker save from 25 on: an OCI layout and the old manifest, which has the names."""
    members = oci_members([(image, None) for image, _ in images])
    members["manifest.json"] = json.dumps(
        [
            {
                "Config": blob_name(image.config),
                "RepoTags": [tag],
                "Layers": [blob_name(one) for one in image.packed],
            }
            for image, tag in images
        ]
    ).encode()
    return members


def skopeo_dir_members(image):
    members = {digest(one)[7:]: one for one in [*image.packed, image.config]}
    members["manifest.json"] = image.manifest
    members["version"] = b"Directory Transport Version: 1.1\n"
    return members


def write_folder(path, members):
    for name, what in members.items():
        full = os.path.join(path, name)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if what is None:
            os.makedirs(full, exist_ok=True)
        elif isinstance(what, tuple) and what[0] == "symlink":
            os.symlink(what[1], full)
        elif isinstance(what, tuple):
            os.link(os.path.join(path, what[1]), full)
        else:
            with open(full, "wb") as f:
                f.write(what)
    return path


def write_file(path, data):
    with open(path, "wb") as f:
        f.write(data)
    return path
