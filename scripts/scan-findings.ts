// what scanners find, in one form, and which of it is waived

export interface Finding {
  readonly tool: 'kube-score' | 'checkov' | 'yamllint';
  /** Name of the rule. */
  readonly check: string;
  readonly file: string;
  /** Kind and name of the object, with the container where the tool says it; the line, for yamllint. */
  readonly subject: string;
  readonly says: string;
}

/** An entry of scan-waivers.yaml. */
export interface Waiver {
  readonly tool: string;
  readonly check: string;
  /** Regular expression for the whole subject. Without it, the waiver is for every subject. */
  readonly on?: string;
  readonly reason: string;
}

/** Grade of a check without any objection. */
const ALL_OK = 10;

/** `kube-score score --output-format json` of one file. */
export function fromKubeScore(report: string, file: string): Finding[] {
  const objects: any[] = JSON.parse(report) ?? [];
  return objects.flatMap(({ type_meta: { kind }, object_meta: { name }, checks }) => checks
    .filter((one: any) => !one.skipped && one.grade < ALL_OK)
    .flatMap(({ check, comments }: any) => (comments ?? [{ path: '', summary: check.name }]).map((comment: any) => ({
      tool: 'kube-score', check: check.id, file, subject: [kind, name, comment.path].filter(text => text).join(' '), says: comment.summary,
    }))));
}

/** `checkov --output json` with one framework. Its resources are `Kind.namespace.name`, and for pods of a workload labels follow. */
export function fromCheckov(report: string): Finding[] {
  const { results, summary } = JSON.parse(report);
  if (summary.parsing_errors > 0) throw new Error(`checkov cannot read ${results.parsing_errors}`);
  return results.failed_checks.map(({ check_id, check_name, file_path, resource }: any) => {
    const [kind, , name] = resource.split('.');
    return { tool: 'checkov', check: check_id, file: file_path, subject: `${kind} ${name}`, says: check_name };
  });
}

/** `yamllint --format parsable`: `file:line:column: [level] text (rule)`. */
export function fromYamllint(report: string): Finding[] {
  return report.split('\n').filter(line => line !== '').map(line => {
    const found = /^(.*?):(\d+):\d+: \[\w+\] (.*) \(([\w-]+)\)$/.exec(line);
    if (!found) throw new Error(`unexpected output of yamllint: ${line}`);
    const [, file, at, says, check] = found;
    return { tool: 'yamllint', check, file, subject: `line ${at}`, says };
  });
}

/** What no waiver covers, and waivers that cover nothing. */
export function judge(findings: readonly Finding[], waivers: readonly Waiver[]): { readonly open: Finding[]; readonly unused: Waiver[] } {
  waivers.filter(({ reason }) => !reason).forEach(({ tool, check }) => { throw new Error(`the waiver of ${tool} ${check} has no reason`); });
  const covers = ({ tool, check, on = '.*' }: Waiver, finding: Finding) =>
    tool === finding.tool && check === finding.check && new RegExp(`^(?:${on})$`).test(finding.subject);
  return {
    open: findings.filter(finding => !waivers.some(waiver => covers(waiver, finding))),
    unused: waivers.filter(waiver => !findings.some(finding => covers(waiver, finding))),
  };
}
