import { ActionIcon, Button, Input, Loader, Text } from '@mantine/core';
import { IconCloudUpload, IconReplace, IconTrash } from '@tabler/icons-react';
import { type DragEvent, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';

import { isFileRef, uploadFile } from '@/shared/api/file-ref';
import type { FileRef, Json } from '@/shared/api/types';
import { FileChip } from '@/shared/ui/file-chip';

import type { InputProps } from './field';
import classes from './file-field.module.css';
import { useForm } from './form-context';

function toJson(file: FileRef): Json {
  return { $file: file.$file, name: file.name, size: file.size, media_type: file.media_type };
}

function fileOf(value: Json | undefined): FileRef | undefined {
  return isFileRef(value) ? value : undefined;
}

export function FileField(props: InputProps) {
  const { value, onChange } = props;
  const file = fileOf(value);
  return (
    <FileInput
      {...props}
      multiple={false}
      files={file ? [file] : []}
      onAdd={(added) => {
        const [first] = added;
        if (first) onChange(toJson(first));
      }}
      onRemove={() => {
        onChange(undefined);
      }}
    />
  );
}

export function FilesField(props: InputProps) {
  const { value, onChange } = props;
  const items = Array.isArray(value) ? value : [];
  return (
    <FileInput
      {...props}
      multiple
      files={items.flatMap((item) => fileOf(item) ?? [])}
      onAdd={(added) => {
        onChange([...items, ...added.map(toJson)]);
      }}
      onRemove={(index) => {
        onChange(items.filter((_, place) => place !== index));
      }}
    />
  );
}

interface FileInputProps extends InputProps {
  multiple: boolean;
  files: readonly FileRef[];
  onAdd: (files: FileRef[]) => void;
  onRemove: (index: number) => void;
}

/** Drop or choose; the file is on the server before the form is sent, and what is sent names it. */
function FileInput({ id, label, description, required, disabled, error, multiple, files, onAdd, onRemove }: FileInputProps) {
  const { t } = useTranslation('form');
  const { processId } = useForm();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [uploading, setUploading] = useState<string>();
  const [refusal, setRefusal] = useState<string>();
  // The form may have changed while a file was on its way: what has arrived goes into the form as it is then.
  const add = useRef(onAdd);
  useLayoutEffect(() => {
    add.current = onAdd;
  });

  const upload = async (list: FileList | null) => {
    const chosen = [...(list ?? [])].slice(0, multiple ? undefined : 1);
    if (chosen.length === 0) return;
    setRefusal(undefined);
    const added: FileRef[] = [];
    try {
      for (const file of chosen) {
        setUploading(file.name);
        added.push(await uploadFile(file));
      }
    } catch (failure) {
      setRefusal(t('upload_failed', { reason: failure instanceof Error ? failure.message : String(failure) }));
    } finally {
      setUploading(undefined);
      if (added.length > 0) {
        flushSync(() => {
          add.current(added);
        });
      }
      // The same file can be chosen again after it was mended on disk.
      if (input.current) input.current.value = '';
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!disabled) void upload(event.dataTransfer.files);
  };
  const open = () => {
    input.current?.click();
  };
  const empty = files.length === 0;

  return (
    <Input.Wrapper id={id} label={label} description={description} withAsterisk={required} error={refusal ?? error}>
      <div
        className={classes.drop}
        data-over={over || undefined}
        data-error={(refusal ?? error) !== undefined || undefined}
        data-filled={!empty || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => {
          setOver(false);
        }}
        onDrop={drop}
      >
        <input
          ref={input}
          id={id}
          type="file"
          multiple={multiple}
          disabled={disabled}
          className={classes.native}
          tabIndex={-1}
          onChange={(event) => void upload(event.currentTarget.files)}
        />
        {files.map((file, index) => (
          <div key={`${file.$file}-${index}`} className={classes.file}>
            <FileChip file={file} processId={processId} />
            <ActionIcon
              size="sm"
              disabled={disabled}
              aria-label={t('remove_file', { name: file.name })}
              onClick={() => {
                onRemove(index);
              }}
            >
              <IconTrash size={15} stroke={1.7} />
            </ActionIcon>
          </div>
        ))}
        {uploading !== undefined ? (
          <Text size="sm" c="dimmed" className={classes.busy}>
            <Loader size={14} /> {t('uploading', { name: uploading })}
          </Text>
        ) : (
          (empty || multiple) && (
            <button type="button" className={classes.choose} onClick={open} disabled={disabled} aria-label={t('choose_for', { label })}>
              <IconCloudUpload size={22} stroke={1.5} />
              <span>
                <b>{t(multiple ? 'choose_files' : 'choose_file')}</b> {t('or_drop')}
              </span>
            </button>
          )
        )}
        {!empty && !multiple && uploading === undefined && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconReplace size={14} />}
            onClick={open}
            disabled={disabled}
            aria-label={t('replace_for', { label })}
          >
            {t('replace')}
          </Button>
        )}
      </div>
    </Input.Wrapper>
  );
}
