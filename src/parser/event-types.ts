/** What happened around a crash: the timeline's events, one line of the log each but for stacks. */

/** Where something stands in one input: 1-based line number there, byte offsets `[from, to)`. */
export interface Span {
  readonly line: number;
  readonly from: number;
  readonly to: number;
}

/** `symbol+0xoff/0xsize [module]`, as in call traces, pc, lr and RIP lines. */
export interface Frame {
  readonly symbol: string;
  /** Bytes into the function; null where the log has no offset (decode_stacktrace output, arm32 "from" frames). */
  readonly offset: number | null;
  readonly size: number | null;
  readonly module: string | null;
  /** False for x86's "? symbol" guesses. */
  readonly reliable: boolean;
  readonly line: number;
}

interface At {
  readonly span: Span;
  readonly time: number | null;
  readonly caller: string | null;
}

/** The IOMMU, probe and identity messages of the timeline (kernel/messages.json), one per line. */
export type Event = At &
  (
    | {
        readonly kind: 'banner';
        readonly release: string;
        readonly build: string;
        readonly compiler: string | null;
        /** The line ends in the release, which is cut there. */
        readonly cut?: true;
      }
    | { readonly kind: 'cmdline'; readonly text: string }
    | { readonly kind: 'machine'; readonly model: string }
    /** An IOMMU instance said that it is up: printed by its probe after iommu_device_register() returned (apple-dart) or before it (others). */
    | {
        readonly kind: 'iommu-instance';
        readonly driver: string;
        readonly device: string;
        readonly says: 'initialized' | 'probing';
        readonly text: string;
      }
    /** Whatever else an IOMMU says under its driver's name ("qcom-iommu 1f08000.iommu: failed to get iface clock"). */
    | { readonly kind: 'iommu-message'; readonly driver: string; readonly device: string; readonly text: string }
    /** "Adding to iommu group N"; `by` is the printing device's driver or, unbound, its bus ("platform", "pci", "amba"). */
    | { readonly kind: 'group-add'; readonly by: string; readonly device: string; readonly group: number }
    | { readonly kind: 'group-remove'; readonly by: string; readonly device: string; readonly group: number }
    | {
        readonly kind: 'group-add-failed';
        readonly by: string;
        readonly device: string;
        readonly group: number;
        readonly error: number;
      }
    | { readonly kind: 'default-domain'; readonly type: string }
    | { readonly kind: 'iommu-add-failed'; readonly by: string; readonly device: string; readonly error: string }
    | { readonly kind: 'late-probe'; readonly by: string; readonly device: string }
    | { readonly kind: 'smmu-not-bound'; readonly by: string; readonly device: string }
    | {
        readonly kind: 'deferral';
        readonly by: string | null;
        readonly device: string;
        readonly what: DeferralKind;
        readonly reason: string | null;
      }
    | { readonly kind: 'probe-failed'; readonly driver: string; readonly device: string; readonly error: number }
    | { readonly kind: 'sysfs-duplicate'; readonly path: string }
    /** A task of sysrq-t/-w, an NMI backtrace or a hung-task report: its stack. */
    | {
        readonly kind: 'task-stack';
        readonly task: string;
        readonly pid: number | null;
        readonly state: string | null;
        readonly frames: readonly Frame[];
      }
    /** One function-tracer record in an ftrace dump; `time` is the trace clock's microseconds, not printk's. */
    | {
        readonly kind: 'ftrace';
        readonly cpu: number;
        readonly task: string;
        readonly pid: number | null;
        readonly traceTime: number;
        readonly function: string;
        readonly parent: string | null;
        readonly text: string;
      }
    /** Records that a trace's reader found missing here: of one CPU, or (null) from the start of the buffer. */
    | { readonly kind: 'ftrace-lost'; readonly cpu: number | null; readonly count: number | null }
  );

export type DeferralKind =
  | 'pending' // "deferred probe pending[: reason]"
  | 'timeout' // "deferred probe timeout, ignoring dependency"
  | 'no-driver' // "ignoring dependency for device, assuming no driver"
  | 'requested' // dev_dbg "requests probe deferral" / "Added to deferred list"
  | 'retrying'; // dev_dbg "Retrying from deferred list"
