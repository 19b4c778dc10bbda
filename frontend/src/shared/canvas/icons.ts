// Icons that node types may name, by their Tabler names. A bundle can't hold all five thousand; an unknown name gets a box.

import {
  IconAbacus, IconApi, IconArrowsSplit, IconBell, IconBolt, IconBox, IconBoxMultiple, IconBraces, IconBriefcase, IconBuildingBank, IconCalculator,
  IconCalendar, IconCertificate, IconChartBar, IconChecklist, IconCircle, IconCircleDashed, IconClipboardCheck, IconClock, IconCloud, IconCode,
  IconCoin, IconCreditCard, IconDatabase, IconDiamond, IconExternalLink, IconFile, IconFileAnalytics, IconFileCheck, IconFileCode,
  IconFileDescription, IconFileInvoice, IconFileSearch, IconFileText, IconFileTypePdf, IconFiles, IconFlask, IconFolder,
  IconGavel, IconGitBranch, IconHash, IconHome, IconId, IconKey, IconLink, IconListCheck, IconLock, IconMail, IconMap,
  IconMessage, IconPaperclip, IconPentagon, IconPlayerPlay, IconPlayerTrackPrev, IconPlug, IconPlus, IconPrinter, IconPuzzle, IconQrcode, IconReceipt,
  IconRobot, IconScale, IconScan, IconSearch, IconSend, IconServer, IconSettings, IconShieldCheck, IconSignature,
  IconSitemap, IconTable, IconTestPipe, IconTool, IconTransform, IconTruck, IconUpload, IconUser, IconUsers,
  IconVariable, IconWebhook, IconWorld, IconWritingSign, IconX, type TablerIcon,
} from '@tabler/icons-react';
import { createElement } from 'react';

import type { NodeType } from '../graph/node-type';
import type { NodeKind } from '../graph/types';

export const BY_NAME: Readonly<Record<string, TablerIcon>> = {
  abacus: IconAbacus, api: IconApi, 'arrows-split': IconArrowsSplit, bell: IconBell, bolt: IconBolt, box: IconBox, braces: IconBraces,
  briefcase: IconBriefcase, 'building-bank': IconBuildingBank, calculator: IconCalculator, calendar: IconCalendar,
  certificate: IconCertificate, 'chart-bar': IconChartBar, checklist: IconChecklist, 'circle-dashed': IconCircleDashed, 'clipboard-check': IconClipboardCheck,
  clock: IconClock, cloud: IconCloud, code: IconCode, coin: IconCoin, 'credit-card': IconCreditCard, database: IconDatabase,
  diamond: IconDiamond, file: IconFile, 'file-analytics': IconFileAnalytics, 'file-check': IconFileCheck,
  'file-code': IconFileCode, 'file-description': IconFileDescription, 'file-invoice': IconFileInvoice,
  'file-search': IconFileSearch, 'file-text': IconFileText, 'file-type-pdf': IconFileTypePdf, files: IconFiles,
  flask: IconFlask, folder: IconFolder, gavel: IconGavel, 'git-branch': IconGitBranch, hash: IconHash, home: IconHome,
  id: IconId, key: IconKey, link: IconLink, 'list-check': IconListCheck, lock: IconLock, mail: IconMail, map: IconMap,
  message: IconMessage, paperclip: IconPaperclip, 'player-play': IconPlayerPlay, plug: IconPlug, printer: IconPrinter,
  puzzle: IconPuzzle, qrcode: IconQrcode, receipt: IconReceipt, robot: IconRobot, scale: IconScale, scan: IconScan,
  search: IconSearch, send: IconSend, server: IconServer, settings: IconSettings, 'shield-check': IconShieldCheck,
  signature: IconSignature, sitemap: IconSitemap, table: IconTable, 'test-pipe': IconTestPipe,
  tool: IconTool, transform: IconTransform, truck: IconTruck, upload: IconUpload, user: IconUser, users: IconUsers,
  variable: IconVariable, webhook: IconWebhook, world: IconWorld, 'writing-sign': IconWritingSign,
};

const BY_KIND: Readonly<Record<NodeKind, TablerIcon>> = {
  start_event: IconPlayerPlay,
  end_event: IconHome,
  service_task: IconBox,
  script_task: IconBraces,
  user_task: IconUser,
  decision_task: IconTable,
  call_activity: IconExternalLink,
  sub_process: IconBoxMultiple,
  exclusive_gateway: IconX,
  inclusive_gateway: IconCircle,
  parallel_gateway: IconPlus,
  event_gateway: IconPentagon,
  timer_event: IconClock,
  message_event: IconMail,
  compensation_event: IconPlayerTrackPrev,
  boundary_event: IconBolt,
};

export interface NodeIconProps {
  kind: NodeKind;
  type: NodeType | undefined;
  size: number;
}

/** The icon of a step: its node type's, or its kind's. */
export function NodeIcon({ kind, type, size }: NodeIconProps) {
  const icon = type === undefined ? BY_KIND[kind] : (BY_NAME[type.icon] ?? IconBox);
  return createElement(icon, { size, stroke: 1.75, 'aria-hidden': true });
}
