/**
 * How distributions and vendors write a release string, and what its number is worth. Data only; `src/reconstruct/kernel/release.ts` reads it.
 * The first entry whose `release` or `build` matches wins, so that the narrow ones come first.
 *
 * Source: the naming rules of each distribution's kernel packages, and strings seen in posted logs.
 */

/**
 * What the number X.Y.Z says:
 * - `upstream`: the code of that stable release, but for patches elsewhere;
 * - `merged`: that stable release is merged, and few patches of the vendor's own;
 * - `picks`: that stable release is merged, and so much picked besides that a commit which the number lacks may be there all the same;
 * - `abi`: a name that stays while stable releases are merged: only X.Y is known, unless the build string says more;
 * - `backports`: a base version that subsystems were rebased on top of: nothing is known of the IOMMU code.
 */
export type NumberMeaning = 'upstream' | 'merged' | 'picks' | 'abi' | 'backports';

export interface VendorRule {
  readonly vendor: string;
  readonly release?: RegExp;
  readonly build?: RegExp;
  readonly number: NumberMeaning;
  /** The first group is the real version, when it matches the build string. */
  readonly versionInBuild?: RegExp;
  readonly caveat: string | null;
}

/** Debian's changelog version in "#1 SMP PREEMPT Debian 1:6.1.63-1+rpt1 (2023-11-24)". */
const DEBIAN_BUILD = /\bDebian (?:\d+:)?(\d+\.\d+(?:\.\d+)?(?:~rc\d+)?)-/;

const DEBIAN_ABI_CAVEAT =
  'a Debian release name of this form is an ABI name: the version stands in the build string ("#1 SMP Debian 6.1.76-1"), which is not here';

const UNKNOWN_BACKPORTS = 'what was backported into this kernel cannot be told from its release string';

export const VENDOR_RULES: readonly VendorRule[] = [
  {
    vendor: 'Android',
    release: /-android\d+(?:-\d+)?|-android(?:-|$)|-(?:qgki|gki|mainline-android)\b/,
    number: 'picks',
    caveat:
      'an Android kernel has the stable releases up to its number; a commit that was picked by itself does not show in it',
  },
  {
    vendor: 'Ubuntu mainline build',
    // "6.5.6-060506-generic": the second number spells the first.
    release: /^\d+\.\d+\.\d+-0[3-9]\d{4}(?:rc\d+)?(?:daily\d+)?-(?:generic|lowlatency)/,
    number: 'upstream',
    caveat: null,
  },
  {
    vendor: 'Pop!_OS',
    release: /-76\d{6}-generic/,
    number: 'picks',
    caveat: 'Ubuntu and Pop!_OS patches are on top of the stable release; picked commits do not show in its number',
  },
  {
    vendor: 'Raspberry Pi',
    release: /^\d+\.\d+\.\d+(?:\+rpt-rpi-|-v(?:6|7|7l|8|8-16k)\+?$)/,
    number: 'merged',
    caveat: 'the Raspberry Pi tree has the stable releases up to its number, and patches of its own',
  },
  {
    vendor: 'Raspberry Pi',
    release: /^\d+\.\d+\.0-rpi\d+-rpi-/,
    versionInBuild: DEBIAN_BUILD,
    number: 'abi',
    caveat: DEBIAN_ABI_CAVEAT,
  },
  {
    vendor: 'Proxmox',
    release: /-pve$/,
    number: 'backports',
    caveat: `${UNKNOWN_BACKPORTS} (built from Ubuntu's sources)`,
  },
  {
    vendor: 'Ubuntu',
    release:
      /^\d+\.\d+\.\d+-\d+(?:\.\d+)?-(?:generic|lowlatency|raspi|aws|azure|gcp|gke|oracle|oem|kvm|ibm|nvidia|intel|xilinx|bluefield|realtime|laptop|starfive|allwinner|fips|iot)\b/,
    number: 'abi',
    caveat:
      'the number after the version is an Ubuntu ABI, and Ubuntu merges fixes of other stable branches too: which ones cannot be told from it',
  },
  {
    vendor: 'Ubuntu',
    build: /-Ubuntu\b/,
    number: 'abi',
    caveat: 'Ubuntu merges fixes of several stable branches: which ones cannot be told from the release string',
  },
  {
    vendor: 'Kali',
    release: /^\d+\.\d+\.\d+(?:-kali\d+|\+kali)-/,
    versionInBuild: DEBIAN_BUILD,
    number: 'abi',
    caveat: DEBIAN_ABI_CAVEAT,
  },
  {
    // Since 6.6 Debian names carry the true stable version: "6.12.38+deb13-arm64", "6.6.15-arm64".
    vendor: 'Debian',
    release:
      /^\d+\.\d+\.\d+(?:\+(?:deb\d+|bpo)[\w.+]*)?-(?:(?:rt-)?(?:cloud-)?(?:arm64|amd64|riscv64|686|686-pae|armmp|armmp-lpae|marvell|rpi|s390x|powerpc64le)(?:-rt|-16k|-64k|-dbg|-unsigned)*)$/,
    versionInBuild: DEBIAN_BUILD,
    number: 'upstream',
    caveat: null,
  },
  {
    vendor: 'Debian',
    release:
      /^\d+\.\d+\.0-(?:0\.(?:deb\d+|bpo)\.)?(?:rc\d+-)?\d+-(?:(?:rt-)?(?:cloud-)?(?:arm64|amd64|riscv64|686|686-pae|armmp|armmp-lpae|marvell|rpi|s390x|powerpc64le|4kc-malta|loongson-3)(?:-rt|-16k|-64k)*)$/,
    versionInBuild: DEBIAN_BUILD,
    number: 'abi',
    caveat: DEBIAN_ABI_CAVEAT,
  },
  {
    vendor: 'Debian',
    build: DEBIAN_BUILD,
    versionInBuild: DEBIAN_BUILD,
    number: 'abi',
    caveat: DEBIAN_ABI_CAVEAT,
  },
  {
    vendor: 'Oracle UEK',
    release: /\.el\d+uek/,
    number: 'backports',
    caveat: UNKNOWN_BACKPORTS,
  },
  {
    vendor: 'RHEL or a rebuild of it',
    release: /\.el\d+(?:_\d+)?(?:[._]|$|-)|\.el\d+[a-z]/,
    number: 'backports',
    caveat: `${UNKNOWN_BACKPORTS}: el kernels rebase whole subsystems`,
  },
  {
    vendor: 'Asahi',
    release: /[-.]asahi\b/,
    number: 'merged',
    caveat:
      "the Asahi tree's own patches are on top of the stable release; whether it picked the fix early does not show in its number",
  },
  {
    vendor: 'Amazon Linux',
    release: /\.amzn\d+/,
    number: 'merged',
    caveat: 'Amazon adds patches of its own to the stable release',
  },
  { vendor: 'Fedora', release: /\.fc\d+\b/, number: 'upstream', caveat: null },
  {
    vendor: 'SUSE',
    release: /-(?:1[2-6]0\d00\.|lp15|\d+\.\d+(?:\.\d+)*-(?:default|azure|rt|preempt|64kb))/,
    number: 'backports',
    caveat: UNKNOWN_BACKPORTS,
  },
  {
    vendor: 'openSUSE Tumbleweed',
    release: /^\d+\.\d+\.\d+-\d+-(?:default|vanilla|debug|64kb|kvmsmall)$/,
    number: 'merged',
    caveat: 'openSUSE adds patches of its own to the stable release',
  },
  { vendor: 'OpenELA', release: /openela/i, number: 'backports', caveat: UNKNOWN_BACKPORTS },
  {
    vendor: 'openEuler, Anolis or TencentOS',
    release: /\.(?:oe\d*|an\d+|al[78]|tl\d+|ky10|ks|uel\d+|nl\d+)\b|tlinux\d|openeuler/i,
    number: 'backports',
    caveat: UNKNOWN_BACKPORTS,
  },
  // Its own list of patches has whole series of v6.8 and v6.11 on a 6.6.
  { vendor: 'RVCK', release: /[-.]rvck/i, number: 'backports', caveat: UNKNOWN_BACKPORTS },
  {
    vendor: 'the Civil Infrastructure Platform',
    release: /-cip\d+/,
    number: 'picks',
    caveat: 'the tree has the stable releases up to its number, and what was picked from later ones for its boards',
  },
  {
    vendor: 'deepin',
    release: /-deepin|-desktop(?:-|$)|-uos/,
    number: 'picks',
    caveat: 'deepin adds patches of its own, and picks from later releases, which do not show in its number',
  },
  {
    vendor: 'Azure Linux',
    release: /\.(?:cm\d|azl\d)\b/,
    number: 'merged',
    caveat: 'Microsoft adds patches of its own to the stable release',
  },
  { vendor: 'Photon', release: /\.ph\d+/, number: 'merged', caveat: 'VMware adds patches of its own' },
  {
    vendor: 'Arch',
    release: /-arch\d+-\d+$|-\d+-(?:aarch64-|riscv64-)?ARCH$|-\d+-(?:lts|hardened)$|-1-rpi-ARCH$/,
    number: 'upstream',
    caveat: null,
  },
  {
    vendor: 'Manjaro',
    release: /MANJARO/,
    number: 'merged',
    caveat: 'Manjaro adds patches of its own to the stable release',
  },
  {
    vendor: 'Gentoo',
    release: /-gentoo(?:-|$)/,
    number: 'upstream',
    caveat: null,
  },
  {
    vendor: 'NVIDIA Tegra',
    release: /-tegra(?:-|$)/,
    number: 'merged',
    caveat: 'the vendor tree has the stable releases up to its number, and picked commits that do not show in it',
  },
  {
    vendor: 'a board vendor',
    // Boards' own trees (Rockchip's and Qualcomm's, whose builds are named "perf", are based on Android's), Armbian's "vendor" and "legacy" of them, ChromeOS.
    release:
      /-(?:vendor|legacy|bsp)-[\w-]+$|-(?:rockchip|rk\d{2,4}\w*|\d+-rk\d{2,4}\w*|qcom|msm|qki|perf|mtk|mediatek|sunxi|sun\d+iw\d+|amlogic|linux4(?:sam|microchip)|stm32mp\w*|cros|chromeos)(?:[-+]|$)/i,
    number: 'picks',
    caveat: 'the vendor tree has the stable releases up to its number, and picked commits that do not show in it',
  },
  {
    vendor: 'Armbian',
    release: /-(?:current|edge)-[\w-]+$/,
    number: 'merged',
    caveat: 'the tree has the stable releases up to its number, and patches of its own',
  },
  {
    vendor: 'postmarketOS',
    release: /-postmarketos/,
    number: 'merged',
    caveat: 'the tree has the stable releases up to its number, and patches of its own',
  },
  {
    vendor: 'Yocto',
    release: /-(?:yocto|lts-next|poky|xilinx|fslc|imx\w*|ti)\b|\+fslc|\+imx/,
    number: 'picks',
    caveat: 'the vendor tree has the stable releases up to its number, and picked commits that do not show in it',
  },
];
